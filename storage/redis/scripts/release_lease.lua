-- Gives back a lease that this token holds. Gives 1, or 0 with nothing changed.
-- KEYS: the lease. ARGV: token.

if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
    return 0
end
return redis.call('DEL', KEYS[1])
