-- Look at a page of the aliases that players own. ARGV and answer as in `check_items`.
local found = {}
local page = members(owned, ARGV[2], ARGV[3])
for _, entry in ipairs(page) do
  local id, alias = unpack(split(entry))
  if not redis.call('ZSCORE', ids, id) then
    found[#found + 1] = 'players ' .. alias .. ' is an id that leads to no player'
  elseif redis.call('HGET', aliases, alias) ~= id then
    found[#found + 1] = 'players ' .. id .. ' is not found under its alias ' .. alias
  end
end
return {found, page[#page] or false}
