-- Look at a page of messages. ARGV and answer as in `check_items`.
local found = {}

local function fault_of_reply(id, sequence, message)
  local parent = redis.call('HGET', places, string.sub(message[PARENT_ID], 2))
  if not parent or split_place(parent) ~= id then
    return 'is a reply to no message of its conversation'
  end
  return not redis.call('ZSCORE', replies, reply_entry(message, sequence)) and 'is not listed as a reply'
end

local function fault_of_parts(place, id, sequence, message)
  if redis.call('HEXISTS', contents, place) == 0 then
    return 'has no content'
  end
  if redis.call('HGET', places, message[MESSAGE_ID]) ~= place then
    return 'is not found under its id'
  end
  if message[CLIENT_KEY] ~= '' and not redis.call('ZSCORE', client_keys, key_entry(id, message, sequence)) then
    return 'is not found under its client key'
  end
  return message[PARENT_ID] ~= '' and fault_of_reply(id, sequence, message)
end

local function fault_of(place, id, sequence)
  local conversation = read_conversation(id)
  if not conversation then
    return 'is a message of no conversation'
  end
  -- Unreadable ones are told already.
  local count = #conversation == MESSAGE_COUNT and tonumber(conversation[MESSAGE_COUNT]) or math.huge
  if tonumber(sequence) < 1 or tonumber(sequence) > count then
    return 'has a sequence that its conversation does not count'
  end
  local text = redis.call('HGET', messages, place)
  local message = text and split(text)
  if not message or #message ~= CLIENT_KEY then
    return message and 'has an unreadable head' or 'has no head'
  end
  return fault_of_parts(place, id, sequence, message)
end

local page = members(timeline, ARGV[2], ARGV[3])
for _, place in ipairs(page) do
  local id, sequence = split_place(place)
  local fault = fault_of(place, id, sequence)
  if fault then
    found[#found + 1] = 'messages ' .. id .. '/' .. string.format('%d', tonumber(sequence)) .. ' ' .. fault
  end
end
return {found, page[#page] or false}
