-- Copy tables, so that they can be read while others write. KEYS: the tables, as many copies, the mark.
-- ARGV: how long the copies live, in milliseconds; each look at them makes it longer.
-- Returns the bytes that the copies take and those there is room for; copies nothing when that is less.
local count = (#KEYS - 1) / 2
local memory = redis.call('INFO', 'memory')

local function figure(name)
  return tonumber(string.match(memory, name .. ':(%d+)') or 0)
end

local limit = figure('maxmemory') > 0 and figure('maxmemory') or figure('total_system_memory')
local room = math.max(0, limit - figure('used_memory'))
local needed = 0
for number = 1, count do
  needed = needed + (redis.call('MEMORY', 'USAGE', KEYS[number], 'SAMPLES', 50) or 0)
end
if limit > 0 and needed > room then
  return {needed, room}
end

local copied = 1
for number = 1, count do
  copied = copied + redis.call('COPY', KEYS[number], KEYS[count + number])
  redis.call('PEXPIRE', KEYS[count + number], ARGV[1])
end
redis.call('SET', KEYS[#KEYS], copied, 'PX', ARGV[1])
return {needed, math.max(needed, room)}
