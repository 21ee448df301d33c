-- Keep snapshots as they are, if their players are kept. ARGV, for each: player, version, snapshot.
-- Asks for memory before anything else, so that a full server refuses.
grow(0)
for place = 1, #ARGV, 3 do
  if redis.call('HEXISTS', records, ARGV[place]) == 1 then
    put_snapshot(ARGV[place], ARGV[place + 1], ARGV[place + 2])
  end
end
