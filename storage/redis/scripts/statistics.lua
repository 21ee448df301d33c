-- Count, bytes and times of fetching of a kind, without reading what is kept. KEYS: the sorted set of its ids, that of
-- its times, the hash of sizes. ARGV: the kind's name in the hash of sizes, percentages ...
local count = redis.call('ZCARD', KEYS[1])
local found = {count, redis.call('HGET', KEYS[3], ARGV[1]) or '0'}
for place = 2, #ARGV do
  -- The nearest rank, counted from the youngest.
  local rank = math.floor((count * tonumber(ARGV[place]) - 1) / 100)
  found[#found + 1] = count > 0 and redis.call('ZREVRANGE', KEYS[2], rank, rank, 'WITHSCORES')[2]
end
return found
