-- What looking at players and at the catalog share. ARGV: life of a snapshot (none: 0), after (with a sign, or nothing),
-- limit. Returns what is wrong, and the last id looked at or nothing.

-- `parts` are names and hashes of what an item consists of beside its record; `look` finds what else is wrong.
local function check_items(kind, parts, look)
  local found = {}
  local page = members(ids, ARGV[2], ARGV[3])
  for _, id in ipairs(page) do
    local function note(wrong)
      found[#found + 1] = kind .. ' ' .. id .. ' ' .. wrong
    end
    local text = redis.call('HGET', records, id)
    local record = text and split(text)
    if not record or #record ~= BATTLETAG then
      note(record and 'has an unreadable record' or 'has no record')
    elseif redis.call('ZSCORE', fetched, id) ~= record[FETCHED_AT] then
      note('is not listed by its age')
    end
    for _, part in ipairs(parts) do
      if redis.call('HEXISTS', part[2], id) == 0 then
        note('has no ' .. part[1])
      end
    end
    look(id, note)
  end
  return {found, page[#page] or false}
end
