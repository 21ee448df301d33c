-- Look at a page of the jobs in a state. ARGV: state, after (with a sign, or nothing), limit.
-- Returns what is wrong, and the last place looked at or nothing.
local from = ARGV[2] == '' and '-' or '(' .. string.sub(ARGV[2], 2)
local page = redis.call('ZRANGEBYLEX', listed[ARGV[1]], from, '+', 'LIMIT', 0, ARGV[3])
local found = {}

-- Whether an open job has its slot, and a turn if and only if it is the first of its kind and key.
local function fault_of_open(id, job)
  local turns = redis.call('ZSCORE', later, turn_of(id, job)) and 1 or 0
  turns = turns + (redis.call('ZSCORE', ready, turn_of(id, job)) and 1 or 0)
  if redis.call('HGET', heads, subject(job)) == id then
    return turns ~= 1 and 'waits in no line' or nil
  end
  if redis.call('HGET', follow_ups, subject(job)) ~= id then
    return 'is open and not found by its kind and key'
  end
  return turns ~= 0 and 'waits in a line before its time' or nil
end

local function fault_of_ended(id, job)
  if redis.call('ZSCORE', ends, id) ~= job[FINISHED_AT] then
    return 'is not listed by its end'
  end
  return not redis.call('ZSCORE', past, end_of(id, job)) and 'has ended and is not found by its kind and key' or nil
end

local function fault_of(place)
  local id = named_by(place)
  local job = read_job(id)
  if not job or #job ~= ERROR_RETRY_AT then
    return id, job and 'has an unreadable record' or 'has no record'
  end
  if job[STATE] ~= ARGV[1] or place_of(id, job) ~= place then
    return id, 'is listed in a wrong place'
  end
  local is_open = job[STATE] == 'queued' or job[STATE] == 'running'
  return id, (is_open and fault_of_open or fault_of_ended)(id, job)
end

for _, place in ipairs(page) do
  local id, fault = fault_of(place)
  if fault then
    found[#found + 1] = 'jobs ' .. id .. ' ' .. fault
  end
end
return {found, page[#page] or false}
