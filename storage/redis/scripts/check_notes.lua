-- Look at a page of notes. ARGV and answer as in `check_items`.
local found = {}
local page = members(note_ids, ARGV[2], ARGV[3])
for _, id in ipairs(page) do
  local text = redis.call('HGET', notes, id)
  local note = text and split(text)
  if not note or #note ~= 3 then
    found[#found + 1] = 'unknown_players ' .. id .. (note and ' has an unreadable note' or ' has no note')
  elseif redis.call('ZSCORE', retries, id) ~= note[3] then
    found[#found + 1] = 'unknown_players ' .. id .. ' is not listed by its time'
  end
end
return {found, page[#page] or false}
