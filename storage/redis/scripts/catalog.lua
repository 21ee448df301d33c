-- What scripts on the catalog share: the tables, in the order of `CatalogKeys`, and how one entry is written.

local records, facts, sources, ids, fetched, sizes = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

local function size_of(id)
  return redis.call('HSTRLEN', facts, id) + redis.call('HSTRLEN', sources, id)
end

-- As digits: Lua would write minus nothing as "-0", which is no number to the server.
local function grow(bytes)
  redis.call('HINCRBY', sizes, 'catalog', string.format('%d', bytes))
end

local function put_entry(id, record, its_facts, source)
  local before = size_of(id)
  redis.call('HSET', records, id, join(record))
  redis.call('HSET', facts, id, its_facts)
  redis.call('HSET', sources, id, source)
  redis.call('ZADD', ids, 0, id)
  redis.call('ZADD', fetched, record[FETCHED_AT], id)
  grow(#its_facts + #source - before)
end

-- Removes before it counts: see `drop_player`.
local function drop_entry(id)
  local size = size_of(id)
  redis.call('ZREM', ids, id)
  redis.call('ZREM', fetched, id)
  for _, hash in ipairs({records, facts, sources}) do
    redis.call('HDEL', hash, id)
  end
  grow(-size)
end
