-- How many entries each table has, at one moment. KEYS: hashes and sorted sets.
local found = {}
for number, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  found[number] = kind == 'hash' and redis.call('HLEN', key) or kind == 'zset' and redis.call('ZCARD', key) or 0
end
return found
