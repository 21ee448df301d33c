-- Keep an answer about an entry of the catalog. ARGV: id, record of the answer, facts, source, digest of damaged facts
-- (or nothing). Returns the kept record, and the kept facts when those are not the answer's.
local id, answer = ARGV[1], split(ARGV[2])
local text = redis.call('HGET', records, id)
local next = answer
if text then
  local kept, bytes = split(text), redis.call('HGET', facts, id)
  if not gives_way(kept, answer, bytes, ARGV[5]) then
    return {text, bytes}
  end
  next = following(kept, answer)
end
put_entry(id, next, ARGV[3], ARGV[4])
return {join(next), false}
