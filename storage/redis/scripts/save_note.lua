-- Keep a note if the kept one has the expected count. ARGV: id, note, retry_at, expected_count.
-- Returns the id that it is kept under, and the kept note or nothing.
local id = redis.call('HGET', aliases, ARGV[1]) or ARGV[1]
local kept = redis.call('HGET', notes, id)
local count = kept and split(kept)[1] or '0'
if count == ARGV[4] then
  put_note(id, ARGV[2], ARGV[3])
  kept = ARGV[2]
end
return {id, kept}
