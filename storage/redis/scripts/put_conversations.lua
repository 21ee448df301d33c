-- Keep conversations as they are. ARGV, for each: id, conversation. Messages that it does not count are of another past
-- of it, and go.
-- Asks for memory before anything is dropped, so that a full server refuses.
grow(0)
for number = 1, #ARGV, 2 do
  local id, conversation = ARGV[number], split(ARGV[number + 1])
  local kept = read_conversation(id)
  if kept then
    redis.call('ZREM', activity, entry_of(id, kept))
    drop_messages(id, tonumber(conversation[MESSAGE_COUNT]) + 1)
  end
  put_conversation(id, conversation)
end
