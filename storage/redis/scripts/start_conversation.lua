-- Resume a conversation, or start one. ARGV: id of a new one, caller, user, channel, id to resume (with a sign, or
-- nothing), now, expires_at (or nothing), limit. Returns 1 when it was resumed or else 0, its id and the conversation;
-- nothing when the caller has as many as it may.
local id, caller, user_id, channel_id = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local now, expires_at, limit = ARGV[6], ARGV[7], tonumber(ARGV[8])

local function is_draft(conversation)
  return conversation and conversation[USER_ID] == user_id and conversation[CHANNEL_ID] == channel_id
end

local resume_id = string.sub(ARGV[5], 2)
local resumed = ARGV[5] ~= '' and own(resume_id, caller, now)
if is_draft(resumed) then
  move(resume_id, resumed, now, expires_at)
  return {1, resume_id, join(resumed)}
end

-- What comes twice, as its sender did not hear the answer, gets the answer again.
local kept = own(id, caller, now)
if is_draft(kept) then
  return {0, id, join(kept)}
end
if redis.call('HEXISTS', records, id) == 1 then
  return redis.error_reply('ERR there is a conversation of this id')
end

local count = 0
for _, entry in ipairs(entries_of(caller)) do
  local _, _, ends_at = read_entry(entry, caller)
  if ends_at == '' or tonumber(ends_at) > tonumber(now) then
    count = count + 1
  end
end
if count >= limit then
  return false
end
local made = {caller, user_id, channel_id, now, now, expires_at, '0'}
put_conversation(id, made)
return {0, id, join(made)}
