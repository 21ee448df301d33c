-- Keep messages as they are, if their conversations count them and what they answer is kept. ARGV, for each:
-- conversation, sequence, head, content; those of a conversation by sequence.
-- Asks for memory before anything is dropped, so that a full server refuses.
grow(0)

local function is_welcome(id, sequence, place, message)
  local conversation = read_conversation(id)
  if not conversation or sequence > tonumber(conversation[MESSAGE_COUNT]) then
    return false
  end
  if (redis.call('HGET', places, message[MESSAGE_ID]) or place) ~= place then
    return false
  end
  local parent = message[PARENT_ID] == '' or redis.call('HGET', places, string.sub(message[PARENT_ID], 2))
  return parent == true or (parent and split_place(parent) == id)
end

for number = 1, #ARGV, 4 do
  local id, sequence, message = ARGV[number], tonumber(ARGV[number + 1]), split(ARGV[number + 2])
  local place = place_of(id, sequence)
  if is_welcome(id, sequence, place, message) then
    local kept = read_message(place)
    if kept and kept[MESSAGE_ID] == message[MESSAGE_ID] then
      drop_message(place)
    elseif kept then
      -- Another message stood here: what follows it is of another past.
      drop_messages(id, sequence)
    end
    put_message(place, message, ARGV[number + 3])
  end
end
