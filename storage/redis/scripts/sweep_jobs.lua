-- Remove at most ARGV[2] jobs that ended before ARGV[1]. Returns how many went.
local gone = redis.call('ZRANGEBYSCORE', ends, '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(gone) do
  drop_job(id, read_job(id))
end
return #gone
