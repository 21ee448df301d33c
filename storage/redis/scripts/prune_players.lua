-- Forget what was not fetched since ARGV[1], at most ARGV[2] of it: players with the notes about them, then notes
-- about ids that lead to no player. Returns how many went.
local before, limit = '(' .. ARGV[1], tonumber(ARGV[2])
local gone = redis.call('ZRANGEBYSCORE', fetched, '-inf', before, 'LIMIT', 0, limit)
for _, id in ipairs(gone) do
  forget_player(id)
  drop_note(id)
end

local count, kept = #gone, 0
while count < limit do
  -- Notes about kept players stay, and stay in front.
  local due = redis.call('ZRANGEBYSCORE', retries, '-inf', before, 'LIMIT', kept, 1000)
  if #due == 0 then
    break
  end
  for _, id in ipairs(due) do
    if redis.call('HEXISTS', records, id) == 1 then
      kept = kept + 1
    elseif count < limit then
      drop_note(id)
      count = count + 1
    end
  end
end
return count
