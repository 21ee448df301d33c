-- What scripts on players share: the tables, in the order of `PlayerKeys`, and how one player is written.

local records, profiles, careers, pages, search_rows = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local aliases, owned, ids, fetched = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local notes, note_ids, retries, sizes = KEYS[10], KEYS[11], KEYS[12], KEYS[13]
local snapshots, timeline, superseded = KEYS[14], KEYS[15], KEYS[16]

local function size_of(id)
  return redis.call('HSTRLEN', profiles, id) + redis.call('HSTRLEN', careers, id) + redis.call('HSTRLEN', pages, id)
end

-- As digits: Lua would write minus nothing as "-0", which is no number to the server.
local function grow(bytes, kind)
  redis.call('HINCRBY', sizes, kind or 'players', string.format('%d', bytes))
end

local function put_record(id, record)
  redis.call('HSET', records, id, join(record))
  redis.call('ZADD', ids, 0, id)
  redis.call('ZADD', fetched, record[FETCHED_AT], id)
end

-- `search_row` begins with a sign that it is there; none is empty.
local function put_player(id, record, profile, career, page, search_row)
  local before = size_of(id)
  put_record(id, record)
  redis.call('HSET', profiles, id, profile)
  redis.call('HSET', careers, id, career)
  redis.call('HSET', pages, id, page)
  if search_row == '' then
    redis.call('HDEL', search_rows, id)
  else
    redis.call('HSET', search_rows, id, string.sub(search_row, 2))
  end
  grow(#profile + #career + #page - before)
end

-- Lead an alias to a player, and away from the one it led to.
local function lead(alias, id)
  local before = redis.call('HGET', aliases, alias)
  if before == id then
    return
  end
  redis.call('HSET', aliases, alias, id)
  redis.call('ZADD', owned, 0, id .. NUL .. alias)
  if before then
    redis.call('ZREM', owned, before .. NUL .. alias)
  end
end

local function put_note(id, note, retry_at)
  redis.call('HSET', notes, id, note)
  redis.call('ZADD', note_ids, 0, id)
  redis.call('ZADD', retries, retry_at, id)
end

local function drop_note(id)
  redis.call('HDEL', notes, id)
  redis.call('ZREM', note_ids, id)
  redis.call('ZREM', retries, id)
end

-- All entries of `owned` that are a player's begin with its id and NUL; none of them comes after its id and \1.
local function aliases_of(id)
  local found = {}
  for _, entry in ipairs(redis.call('ZRANGEBYLEX', owned, '[' .. id .. NUL, '(' .. id .. '\1')) do
    found[#found + 1] = string.sub(entry, #id + 2)
  end
  return found
end

-- Removes before it counts: a full server lets a script go on that began by freeing memory, and refuses one that
-- begins by asking for some.
local function drop_player(id)
  local size = size_of(id)
  redis.call('ZREM', ids, id)
  redis.call('ZREM', fetched, id)
  for _, alias in ipairs(aliases_of(id)) do
    redis.call('HDEL', aliases, alias)
  end
  redis.call('ZREMRANGEBYLEX', owned, '[' .. id .. NUL, '(' .. id .. '\1')
  for _, hash in ipairs({records, profiles, careers, pages, search_rows}) do
    redis.call('HDEL', hash, id)
  end
  grow(-size)
end

-- Lead these ids (ARGV from `first` on) and the player's own to it, and forget that they were unknown. A note under
-- the player's own id stays when upstream said so after it gave this answer.
local function remember(id, fetched_at, first)
  local function take(alias)
    lead(alias, id)
    local note = redis.call('HGET', notes, alias)
    if note and (alias ~= id or tonumber(split(note)[2]) <= tonumber(fetched_at)) then
      drop_note(alias)
    end
  end
  take(id)
  for place = first, #ARGV do
    take(ARGV[place])
  end
end
