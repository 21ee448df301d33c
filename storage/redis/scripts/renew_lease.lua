-- Moves the end of a lease that this token holds and that has not ended. Gives 1, or 0 with nothing changed.
-- KEYS: the lease. ARGV: token, now, its new end, milliseconds to keep it.

local held = redis.call('HMGET', KEYS[1], 'token', 'ends')
if held[1] ~= ARGV[1] or tonumber(held[2]) <= tonumber(ARGV[2]) then
    return 0
end
redis.call('HSET', KEYS[1], 'ends', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
