-- Notes about unknown players as items.
local order, drop = note_ids, drop_note

local function columns_of(keys)
  return {keys, values_of(notes, keys)}
end
