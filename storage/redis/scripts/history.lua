-- What scripts on the histories of players share. A place is "blizzard_id NUL version", the version in sixteen digits;
-- a snapshot is taken_at, figures_hash, data_version and figures, of which the last may contain NUL.

local function place_of(id, version)
  return id .. NUL .. string.format('%016d', version)
end

-- Of a place: the player, and the version as digits.
local function split_place(place)
  return string.sub(place, 1, -18), string.sub(place, -16)
end

-- taken_at, figures_hash and the number of bytes of the figures; nothing of what is not written like this.
local function read_snapshot(text)
  local taken_at, hash, figures = string.match(text, '^(%-?%d+)%z([^%z]*)%z%-?%d+%z()')
  if taken_at then
    return taken_at, hash, #text - figures + 1
  end
end

-- The latest place of a player up to a version (any: nothing is given).
local function latest_of(id, version)
  local from = version and '[' .. place_of(id, version) or '(' .. id .. '\1'
  return redis.call('ZREVRANGEBYLEX', timeline, from, '[' .. id .. NUL, 'LIMIT', 0, 1)[1]
end

local function size_of_snapshot(place)
  local text = redis.call('HGET', snapshots, place)
  local _, _, size = read_snapshot(text or '')
  return size or 0
end

local function supersede(place)
  local taken_at = read_snapshot(redis.call('HGET', snapshots, place) or '')
  redis.call('ZADD', superseded, taken_at or 0, place)
end

local function put_snapshot(id, version, text)
  local place, before = place_of(id, version), latest_of(id)
  local size = size_of_snapshot(place)
  redis.call('HSET', snapshots, place, text)
  redis.call('ZADD', timeline, 0, place)
  if before and before < place then
    supersede(before)
  elseif before and before > place then
    supersede(place)
  end
  local _, _, new_size = read_snapshot(text)
  grow(new_size - size, 'player_history')
end

-- Removes before it counts: see `drop_player`. What is the newest then may not go for its age.
local function drop_snapshot(place)
  local size = size_of_snapshot(place)
  redis.call('ZREM', timeline, place)
  redis.call('ZREM', superseded, place)
  redis.call('HDEL', snapshots, place)
  grow(-size, 'player_history')
  local newest = latest_of((split_place(place)))
  if newest then
    redis.call('ZREM', superseded, newest)
  end
end

local function drop_history(id)
  for _, place in ipairs(redis.call('ZRANGEBYLEX', timeline, '[' .. id .. NUL, '(' .. id .. '\1')) do
    drop_snapshot(place)
  end
end

local function forget_player(id)
  drop_player(id)
  drop_history(id)
end

-- Add figures to a player's history if they are not those kept last; `figures` are the hash, the data version and the
-- bytes. What is later than the record is of another past, which a copy into this store has left: it goes, so that times
-- grow with versions. At one version there is one snapshot: when code changes how figures are reckoned, the new ones
-- stand there from the same time on.
local function add_snapshot(id, version, taken_at, figures)
  local latest = latest_of(id, version)
  if latest then
    local its_time, its_hash = read_snapshot(redis.call('HGET', snapshots, latest) or '')
    if its_hash == string.match(figures, '^[^%z]*') then
      return
    end
    if latest == place_of(id, version) then
      taken_at = its_time or taken_at
    end
  end
  for _, later in ipairs(redis.call('ZRANGEBYLEX', timeline, '(' .. place_of(id, version), '(' .. id .. '\1')) do
    drop_snapshot(later)
  end
  put_snapshot(id, version, taken_at .. NUL .. figures)
end
