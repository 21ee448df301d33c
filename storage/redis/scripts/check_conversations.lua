-- Look at a page of conversations. ARGV and answer as in `check_items`.
local found = {}

local function fault_of(id)
  local text = redis.call('HGET', records, id)
  local conversation = text and split(text)
  if not conversation or #conversation ~= MESSAGE_COUNT then
    return conversation and 'has an unreadable record' or 'has no record'
  end
  if not redis.call('ZSCORE', activity, entry_of(id, conversation)) then
    return 'is not listed by its activity'
  end
  if (redis.call('ZSCORE', ends, id) or '') ~= conversation[EXPIRES_AT] then
    return 'is not listed by its end'
  end
  local count = tonumber(conversation[MESSAGE_COUNT])
  local kept = redis.call('ZLEXCOUNT', timeline, '[' .. id .. NUL, '(' .. id .. '\1')
  return kept ~= count and 'has not as many messages as it counts'
end

local page = members(ids, ARGV[2], ARGV[3])
for _, id in ipairs(page) do
  local fault = fault_of(id)
  if fault then
    found[#found + 1] = 'conversations ' .. id .. ' ' .. fault
  end
end
return {found, page[#page] or false}
