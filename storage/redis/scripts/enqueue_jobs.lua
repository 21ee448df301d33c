-- Ask for work. ARGV: now, then for each request: id, kind, key, priority, not_before, 1 for after_run or 0, and for
-- scheduled work the interval, else nothing.
-- Returns for each request the id of the job that stands for it and the job; nothing twice for what is not due yet.
local now = ARGV[1]

-- Whether work that comes round is due; then it is marked as asked for.
local function is_due(kind, key, every)
  local slot = kind .. NUL .. key
  local asked_at = redis.call('HGET', marks, slot)
  if asked_at and tonumber(asked_at) > tonumber(now) - tonumber(every) then
    return false
  end
  redis.call('HDEL', marks, slot)
  redis.call('HSET', marks, slot, now)
  return true
end

local ids = {}
for first = 2, #ARGV, 7 do
  local id, kind, key, priority, not_before, after_run, every = unpack(ARGV, first, first + 6)
  local asked = {
    kind = kind, key = key, priority = priority, not_before = not_before, is_after_run = after_run == '1',
  }
  ids[#ids + 1] = (every == '' or is_due(kind, key, every)) and ask(id, asked, now)
end
return answers_for(ids)
