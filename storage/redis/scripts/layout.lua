-- Move the version of the layout from ARGV[1] to ARGV[2], if nobody else did. Returns the version afterwards.
local version = redis.call('GET', KEYS[1]) or '0'
if version == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  version = ARGV[2]
end
return version
