-- The values of the same fields (ARGV) in several hashes (KEYS), as they are at one moment.
local columns = {}
for number, key in ipairs(KEYS) do
  columns[number] = redis.call('HMGET', key, unpack(ARGV))
end
return columns
