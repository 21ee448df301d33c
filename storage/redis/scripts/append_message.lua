-- Add a message. ARGV: conversation, caller, now, expires_at (or nothing), limit, the message's id, its role, its
-- parent and client key (each with a sign, or nothing), its content. Returns what happened ("kept", or why not), and
-- of what is kept its place, head and content and its conversation.
local id, caller, now, expires_at, limit = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local message, content = {ARGV[6], ARGV[7], now, ARGV[8], ARGV[9]}, ARGV[10]

local function kept_at(place)
  local found = found_at(place)
  return {'kept', found[1], found[2], found[3], redis.call('HGET', records, id)}
end

-- Where this conversation has a message; nothing when it has none of that id.
local function own_place(message_id)
  local place = redis.call('HGET', places, message_id)
  return place and split_place(place) == id and place
end

-- Where the message is already: under its client key, or under its id when it comes twice, as its sender did not hear
-- the answer.
local function place_before()
  if message[CLIENT_KEY] ~= '' then
    local start = id .. NUL .. string.sub(message[CLIENT_KEY], 2) .. NUL
    local entry = redis.call('ZRANGEBYLEX', client_keys, '[' .. start, '+', 'LIMIT', 0, 1)[1]
    if entry and #entry == #start + 16 and string.sub(entry, 1, #start) == start then
      return place_of(id, string.sub(entry, -16))
    end
  end
  return own_place(message[MESSAGE_ID])
end

local conversation = own(id, caller, now)
if not conversation then
  return {'no conversation'}
end
local before = place_before()
if before then
  return kept_at(before)
end
if message[PARENT_ID] ~= '' and not own_place(string.sub(message[PARENT_ID], 2)) then
  return {'no parent'}
end
if tonumber(conversation[MESSAGE_COUNT]) >= limit then
  return {'too many'}
end
if redis.call('HEXISTS', places, message[MESSAGE_ID]) == 1 then
  return {'taken'}
end

local sequence = tonumber(conversation[MESSAGE_COUNT]) + 1
local place = place_of(id, sequence)
-- The first command asks for memory, so that a full server refuses.
put_message(place, message, content)
conversation[MESSAGE_COUNT] = string.format('%d', sequence)
move(id, conversation, now, expires_at)
return kept_at(place)
