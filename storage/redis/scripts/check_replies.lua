-- Look at a page of replies. ARGV and answer as in `check_items`.
local found = {}
local page = members(replies, ARGV[2], ARGV[3])
for _, entry in ipairs(page) do
  local parent_id, sequence = unpack(split(entry))
  local place = redis.call('HGET', places, parent_id)
  local message = place and read_message(place_of((split_place(place)), sequence))
  if not message or message[PARENT_ID] ~= '+' .. parent_id then
    found[#found + 1] = 'messages ' .. parent_id .. ' has a reply that is no message'
  end
end
return {found, page[#page] or false}
