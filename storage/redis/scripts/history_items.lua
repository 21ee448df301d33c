-- Snapshots as items. What belongs to a player who is not whole is nobody's: it has no value here.
local order, drop = timeline, drop_snapshot

local function columns_of(keys)
  local found = values_of(snapshots, keys)
  for number, place in ipairs(keys) do
    if redis.call('HEXISTS', careers, (split_place(place))) == 0 then
      found[number] = false
    end
  end
  return {keys, found}
end
