-- Messages as items.
local order, drop = timeline, drop_message

local function columns_of(keys)
  return {keys, values_of(messages, keys), values_of(contents, keys)}
end
