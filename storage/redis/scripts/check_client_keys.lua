-- Look at a page of client keys. ARGV and answer as in `check_items`.
local found = {}
local page = members(client_keys, ARGV[2], ARGV[3])
for _, entry in ipairs(page) do
  local id, key, sequence = unpack(split(entry))
  local message = read_message(place_of(id, sequence))
  if not message or message[CLIENT_KEY] ~= '+' .. key then
    found[#found + 1] = 'messages ' .. id .. ' has a client key of no message'
  end
end
return {found, page[#page] or false}
