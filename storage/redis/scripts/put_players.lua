-- Keep players as they are, in the place of those kept. ARGV, for each: id, record, profile, career, page, search row
-- (or nothing), number of aliases, aliases ...
-- Asks for memory before anything is dropped, so that a full server refuses.
grow(0)
local place = 1
while place <= #ARGV do
  local id, count = ARGV[place], tonumber(ARGV[place + 6])
  drop_player(id)
  put_player(id, split(ARGV[place + 1]), unpack(ARGV, place + 2, place + 5))
  for alias = place + 7, place + 6 + count do
    lead(ARGV[alias], id)
  end
  place = place + 7 + count
end
