-- Keep an answer about a player. ARGV: id, record of the answer, profile, career, page, search row (or nothing),
-- digest of a damaged profile (or nothing), figures for the history, aliases ...
-- Returns the kept record, and the kept profile when that is not the answer's.
local id, answer = ARGV[1], split(ARGV[2])
local text = redis.call('HGET', records, id)
local kept = text and split(text)
local next = answer
if kept then
  next = gives_way(kept, answer, redis.call('HGET', profiles, id), ARGV[7]) and following(kept, answer)
end
if next then
  if next[BATTLETAG] == '' and kept then
    next[BATTLETAG] = kept[BATTLETAG]
  end
  put_player(id, next, ARGV[3], ARGV[4], ARGV[5], ARGV[6])
  add_snapshot(id, next[VERSION], next[FETCHED_AT], ARGV[8])
end
remember(id, answer[FETCHED_AT], 9)
if next then
  return {join(next), false}
end
return {text, redis.call('HGET', profiles, id)}
