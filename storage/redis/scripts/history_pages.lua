-- Pages of histories. ARGV, for each: player, since, until, the versions between which the page lies (nothing: without
-- bound), limit, 1 when the page is the oldest of them. Returns for each: how many the list has, how many of them are not
-- older than where the page may begin, how many lie between the versions; the places on the page, newest first, and
-- what is kept there.
-- It works with ranks in the timeline, where the places of a player stand together, the oldest first: so a long history
-- costs hardly more than a short one.

local function rank_before(bound)
  return redis.call('ZLEXCOUNT', timeline, '-', bound)
end

local function time_of(place)
  local taken_at = redis.call('ZSCORE', superseded, place)
  return tonumber(taken_at or read_snapshot(redis.call('HGET', snapshots, place) or '') or 0)
end

-- The first rank of these whose snapshot was taken at that time or later. No version is older than the one before it.
local function rank_since(first, last, time)
  while first < last do
    local middle = math.floor((first + last) / 2)
    if time_of(redis.call('ZRANGE', timeline, middle, middle)[1]) < time then
      first = middle + 1
    else
      last = middle
    end
  end
  return first
end

local function page(id, since, till, newer_than, older_than, limit, oldest)
  local first, last = rank_before('(' .. id .. NUL), rank_before('(' .. id .. '\1')
  if since ~= '' then
    first = rank_since(first, last, tonumber(since))
  end
  if till ~= '' then
    last = rank_since(first, last, tonumber(till))
  end
  local from = newer_than == '' and first or math.max(first, rank_before('[' .. place_of(id, newer_than)))
  local most = older_than == '' and last or rank_before('(' .. place_of(id, older_than))
  local to = math.min(last, most)
  local ahead, inside = last - math.max(first, to), math.max(0, to - from)
  local size = math.min(tonumber(limit), inside)
  local start = oldest == '1' and from or to - size
  if size == 0 then
    return {last - first, ahead, inside, {}, {}}
  end
  local places = {}
  for number, place in ipairs(redis.call('ZRANGE', timeline, start, start + size - 1)) do
    places[size + 1 - number] = place
  end
  return {last - first, ahead, inside, places, redis.call('HMGET', snapshots, unpack(places))}
end

local pages = {}
for number = 1, #ARGV, 7 do
  pages[#pages + 1] = page(unpack(ARGV, number, number + 6))
end
return pages
