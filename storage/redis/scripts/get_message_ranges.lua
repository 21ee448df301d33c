-- Messages by conversation and sequence. ARGV: now, then for each range: conversation, first, last. Returns for each:
-- the sequence of the first one, and two lists: heads and contents, nothing in both for what is not there.
local function range(id, first, last)
  local conversation = living(id, ARGV[1])
  if not conversation then
    return {0, {}, {}}
  end
  local from, to = math.max(1, tonumber(first)), math.min(tonumber(last), tonumber(conversation[MESSAGE_COUNT]))
  local asked = {}
  for sequence = from, to do
    asked[#asked + 1] = place_of(id, sequence)
  end
  return {from, values_of(messages, asked), values_of(contents, asked)}
end

local found = {}
for number = 2, #ARGV, 3 do
  found[#found + 1] = range(unpack(ARGV, number, number + 2))
end
return found
