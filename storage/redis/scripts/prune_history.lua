-- Forget snapshots taken before ARGV[1], at most ARGV[2] of them, the oldest first; never the newest one of a player.
-- Returns how many went.
local gone = redis.call('ZRANGEBYSCORE', superseded, '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, place in ipairs(gone) do
  drop_snapshot(place)
end
return #gone
