-- Remove a conversation. ARGV: id, caller, now. Returns how many messages went; nothing when it is not there.
return own(ARGV[1], ARGV[2], ARGV[3]) and drop_conversation(ARGV[1])
