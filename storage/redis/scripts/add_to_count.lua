-- Adds to a count; one that has ended begins anew. Gives the sum, as text: Lua's numbers are exact up to 53 bits only.
-- KEYS: the count. ARGV: amount, now, its end if it begins, milliseconds to keep it if it begins.

local ends = redis.call('HGET', KEYS[1], 'ends')
if ends and tonumber(ends) > tonumber(ARGV[2]) then
    redis.call('HINCRBY', KEYS[1], 'sum', ARGV[1])
    return redis.call('HGET', KEYS[1], 'sum')
end
redis.call('HSET', KEYS[1], 'sum', ARGV[1], 'ends', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return ARGV[1]
