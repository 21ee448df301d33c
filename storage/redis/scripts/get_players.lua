-- What is kept under ids. ARGV: ids. Returns where each leads (or nothing), then for each place that is led to, once:
-- its id, record, profile, note. An id that leads nowhere is such a place itself: there may be a note.
local leads = redis.call('HMGET', aliases, unpack(ARGV))
local seen, places = {}, {}
for number, asked in ipairs(ARGV) do
  local place = leads[number] or asked
  if not seen[place] then
    seen[place] = true
    places[#places + 1] = place
  end
end
return {
  leads,
  places,
  redis.call('HMGET', records, unpack(places)),
  redis.call('HMGET', profiles, unpack(places)),
  redis.call('HMGET', notes, unpack(places)),
}
