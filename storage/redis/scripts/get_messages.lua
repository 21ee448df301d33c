-- Messages of living conversations by id. ARGV: now, ids ... Returns place, head and content of each that is there.
local found = {}
for number = 2, #ARGV do
  local place = redis.call('HGET', places, ARGV[number])
  if place and living(split_place(place), ARGV[1]) then
    found[#found + 1] = found_at(place)
  end
end
return found
