-- What scripts on conversations share: the tables, in the order of `ConversationKeys`, and how one conversation or
-- message comes, moves and goes.

local records, ids, activity, ends = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local messages, contents, timeline, places = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local client_keys, replies, sizes = KEYS[9], KEYS[10], KEYS[11]

-- Places of the parts of a conversation and of a message, as in `storage/redis/conversation_values.py`. `EXPIRES_AT` is
-- empty for never; a parent and a client key begin with a sign, and are empty for none.
local CALLER, USER_ID, CHANNEL_ID, STARTED_AT, LAST_ACTIVITY_AT, EXPIRES_AT, MESSAGE_COUNT = 1, 2, 3, 4, 5, 6, 7
local MESSAGE_ID, ROLE, SAID_AT, PARENT_ID, CLIENT_KEY = 1, 2, 3, 4, 5

-- Messages that are read or removed by one command: Lua unpacks fewer than 8,000 values at once.
local MESSAGES_AT_ONCE = 1000

-- As digits: Lua would write minus nothing as "-0", which is no number to the server.
local function grow(bytes)
  redis.call('HINCRBY', sizes, 'messages', string.format('%d', bytes))
end

local function read_conversation(id)
  local text = redis.call('HGET', records, id)
  return text and split(text)
end

local function read_message(place)
  local text = redis.call('HGET', messages, place)
  return text and split(text)
end

local function is_alive(conversation, now)
  return conversation[EXPIRES_AT] == '' or tonumber(now) < tonumber(conversation[EXPIRES_AT])
end

local function living(id, now)
  local conversation = read_conversation(id)
  return conversation and is_alive(conversation, now) and conversation
end

-- A living conversation of this caller.
local function own(id, caller, now)
  local conversation = living(id, now)
  return conversation and conversation[CALLER] == caller and conversation
end

local function place_of(id, sequence)
  return id .. NUL .. string.format('%016d', sequence)
end

-- Of a place: the conversation, and the sequence as digits.
local function split_place(place)
  return string.sub(place, 1, -18), string.sub(place, -16)
end

-- The entry in `activity`. No time has more than sixteen digits.
local function entry_of(id, conversation)
  local time = conversation[LAST_ACTIVITY_AT]
  local place = string.rep('0', 16 - #time) .. time .. id
  return join({conversation[CALLER], place, conversation[EXPIRES_AT], conversation[USER_ID], conversation[CHANNEL_ID]})
end

-- Of an entry of this caller: time, id, `expires_at` (empty: never), user and channel.
local function read_entry(entry, caller)
  local time = string.rep('.', 16)
  return string.match(entry, '^(' .. time .. ')([^%z]*)%z([^%z]*)%z([^%z]*)%z([^%z]*)$', #caller + 2)
end

-- All entries of a caller begin with it and NUL; none of them comes after it and \1. The last active comes first.
local function entries_of(caller)
  return redis.call('ZREVRANGEBYLEX', activity, '(' .. caller .. '\1', '[' .. caller .. NUL)
end

local function put_conversation(id, conversation)
  redis.call('HSET', records, id, join(conversation))
  redis.call('ZADD', ids, 0, id)
  redis.call('ZADD', activity, 0, entry_of(id, conversation))
  if conversation[EXPIRES_AT] == '' then
    redis.call('ZREM', ends, id)
  else
    redis.call('ZADD', ends, conversation[EXPIRES_AT], id)
  end
end

-- Write a conversation again, active now. Neither time moves when it was active later than that.
local function move(id, conversation, now, expires_at)
  local before = entry_of(id, conversation)
  if tonumber(conversation[LAST_ACTIVITY_AT]) <= tonumber(now) then
    conversation[LAST_ACTIVITY_AT], conversation[EXPIRES_AT] = now, expires_at
  end
  if entry_of(id, conversation) ~= before then
    redis.call('ZREM', activity, before)
  end
  put_conversation(id, conversation)
end

local function key_entry(id, message, sequence)
  return id .. NUL .. string.sub(message[CLIENT_KEY], 2) .. NUL .. sequence
end

local function reply_entry(message, sequence)
  return string.sub(message[PARENT_ID], 2) .. NUL .. sequence
end

local function put_message(place, message, content)
  local id, sequence = split_place(place)
  redis.call('HSET', messages, place, join(message))
  redis.call('HSET', contents, place, content)
  redis.call('ZADD', timeline, 0, place)
  redis.call('HSET', places, message[MESSAGE_ID], place)
  if message[CLIENT_KEY] ~= '' then
    redis.call('ZADD', client_keys, 0, key_entry(id, message, sequence))
  end
  if message[PARENT_ID] ~= '' then
    redis.call('ZADD', replies, 0, reply_entry(message, sequence))
  end
  grow(#content)
end

-- Removes before it counts: a full server lets a script go on that began by freeing memory, and refuses one that begins
-- by asking for some.
local function drop_message(place)
  local size, message = redis.call('HSTRLEN', contents, place), read_message(place)
  redis.call('ZREM', timeline, place)
  redis.call('HDEL', messages, place)
  redis.call('HDEL', contents, place)
  if message and #message == CLIENT_KEY then
    local id, sequence = split_place(place)
    if redis.call('HGET', places, message[MESSAGE_ID]) == place then
      redis.call('HDEL', places, message[MESSAGE_ID])
    end
    if message[CLIENT_KEY] ~= '' then
      redis.call('ZREM', client_keys, key_entry(id, message, sequence))
    end
    if message[PARENT_ID] ~= '' then
      redis.call('ZREM', replies, reply_entry(message, sequence))
    end
  end
  grow(-size)
end

-- Drop the messages of a conversation from a sequence on. Returns how many went.
local function drop_messages(id, sequence)
  local from, count = '[' .. place_of(id, sequence), 0
  repeat
    local some = redis.call('ZRANGEBYLEX', timeline, from, '(' .. id .. '\1', 'LIMIT', 0, MESSAGES_AT_ONCE)
    for _, place in ipairs(some) do
      drop_message(place)
    end
    count = count + #some
  until #some < MESSAGES_AT_ONCE
  return count
end

-- Drop a conversation with its messages. Returns how many of them went.
local function drop_conversation(id)
  local conversation = read_conversation(id)
  redis.call('ZREM', ids, id)
  redis.call('ZREM', ends, id)
  if conversation and #conversation == MESSAGE_COUNT then
    redis.call('ZREM', activity, entry_of(id, conversation))
  end
  redis.call('HDEL', records, id)
  return drop_messages(id, 0)
end

-- Drop these conversations, the first of them in any case, as long as not many more than so many messages go.
-- Returns how many conversations and how many messages went.
local function drop_some(chosen, most)
  local gone, count = 0, 0
  for _, id in ipairs(chosen) do
    local conversation = read_conversation(id)
    local size = conversation and tonumber(conversation[MESSAGE_COUNT]) or 0
    if gone > 0 and count + size > tonumber(most) then
      break
    end
    gone, count = gone + 1, count + drop_conversation(id)
  end
  return {gone, count}
end

-- A message that a living conversation has under an id: its place, head and content; nothing when there is none.
local function found_at(place)
  return {place, redis.call('HGET', messages, place), redis.call('HGET', contents, place)}
end
