-- Remove conversations that are gone. ARGV: now, limit, how many messages may go with them. Returns how many of both
-- went.
return drop_some(redis.call('ZRANGEBYSCORE', ends, '-inf', ARGV[1], 'LIMIT', 0, ARGV[2]), ARGV[3])
