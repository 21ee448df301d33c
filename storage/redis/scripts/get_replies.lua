-- The first replies to each message. ARGV: now, how many of each, ids ... Returns for each message place, head and
-- content of its replies.
local function replies_to(message_id)
  local found = {}
  local place = redis.call('HGET', places, message_id)
  local id = place and split_place(place)
  if not id or not living(id, ARGV[1]) then
    return found
  end
  local from, to = '[' .. message_id .. NUL, '(' .. message_id .. '\1'
  for number, entry in ipairs(redis.call('ZRANGEBYLEX', replies, from, to, 'LIMIT', 0, ARGV[2])) do
    found[number] = found_at(place_of(id, string.sub(entry, -16)))
  end
  return found
end

local answer = {}
for number = 3, #ARGV do
  answer[number - 2] = replies_to(ARGV[number])
end
return answer
