-- Look at a page of snapshots. ARGV and answer as of `check_players`.
local found = {}
local page = members(timeline, ARGV[2], ARGV[3])
for _, place in ipairs(page) do
  local id, version = split_place(place)
  local function note(wrong)
    found[#found + 1] = 'player_history ' .. id .. '/' .. string.format('%d', tonumber(version)) .. ' ' .. wrong
  end
  local text = redis.call('HGET', snapshots, place)
  local taken_at = read_snapshot(text or '')
  if not taken_at then
    note(text and 'has an unreadable snapshot' or 'has no snapshot')
  elseif redis.call('ZSCORE', superseded, place) ~= (latest_of(id) ~= place and taken_at) then
    note('is not listed by its age')
  end
  if not redis.call('ZSCORE', ids, id) then
    note('is the history of no player')
  end
end
return {found, page[#page] or false}
