-- Entries of the catalog as items.
local order, drop = ids, drop_entry

local function columns_of(keys)
  return {keys, values_of(records, keys), values_of(facts, keys), values_of(sources, keys)}
end
