-- Players as items: what `list_items`, `get_items` and `clear_items` ask of a kind.
local order, drop = ids, forget_player

local function columns_of(keys)
  local found = {}
  for number, id in ipairs(keys) do
    found[number] = aliases_of(id)
  end
  return {
    keys,
    values_of(records, keys),
    values_of(profiles, keys),
    values_of(careers, keys),
    values_of(search_rows, keys),
    values_of(pages, keys),
    found,
  }
end
