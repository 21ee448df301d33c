-- Conversations as items. One that is removed takes its messages along.
local order, drop = ids, drop_conversation

local function columns_of(keys)
  return {keys, values_of(records, keys)}
end
