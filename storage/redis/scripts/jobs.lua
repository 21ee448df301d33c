-- What scripts on jobs share: the tables, in the order of `JobKeys`, and how one job comes, moves and goes.
--
-- Scripts that take work, end it or sweep it remove something before they add anything: a full server lets such a
-- script go on, and refuses one that begins by asking for memory. So the work that makes room gets through.

local records, heads, follow_ups, later, ready = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local listed = {queued = KEYS[6], running = KEYS[7], succeeded = KEYS[8], failed = KEYS[9]}
local ends, past, counts, marks = KEYS[10], KEYS[11], KEYS[12], KEYS[13]

-- Places of the parts of a job, as in `storage/redis/job_values.py`. A part that is not set is empty.
local KIND, KEY, STATE, PRIORITY, QUEUED_AT, NOT_BEFORE, ATTEMPTS, STARTED_AT, FINISHED_AT, LEASE_UNTIL, TOKEN,
  ERROR_CODE, ERROR_MESSAGE, ERROR_RETRY_AT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14

local function read_job(id)
  local text = redis.call('HGET', records, id)
  return text and split(text)
end

local function write_job(id, job)
  redis.call('HSET', records, id, join(job))
end

-- What jobs of one kind and key have in common.
local function subject(job)
  return job[KIND] .. NUL .. job[KEY]
end

-- Times as texts that sort as they do: none has more than sixteen digits.
local function padded(time)
  return string.rep('0', 16 - #time) .. time
end

-- A job's place in the list of its state: by age, then by id.
local function place_of(id, job)
  return padded(job[QUEUED_AT]) .. id .. NUL .. job[KIND]
end

-- Its turn among those to be run: by priority, then by age, then by id.
local function turn_of(id, job)
  return string.format('%02d', 99 - tonumber(job[PRIORITY])) .. place_of(id, job)
end

-- The id and the kind of a place.
local function named_by(place)
  local last = string.find(place, NUL, 17, true)
  return string.sub(place, 17, last - 1), string.sub(place, last + 1)
end

-- Its place among the ended jobs of its kind and key: by their end, then by id.
local function end_of(id, job)
  return subject(job) .. NUL .. padded(job[FINISHED_AT]) .. id
end

local function due_at(job)
  return job[STATE] == 'running' and job[LEASE_UNTIL] or job[NOT_BEFORE]
end

local function count(job, change)
  redis.call('HINCRBY', counts, job[KIND] .. NUL .. job[STATE], change)
end

-- Take a job's turn away, wherever it waits for it.
local function leave_turn(id, job)
  local turn = turn_of(id, job)
  redis.call('ZREM', ready, turn)
  redis.call('ZREM', later, turn)
end

-- Let a job wait for its turn. Only the first of its kind and key has one. With `now`, which may be left out, one that
-- is due is sorted at once: a claim that finds a hundred thousand in `later` would keep the server busy for long.
local function take_turn(id, job, now)
  if now and tonumber(due_at(job)) <= tonumber(now) then
    redis.call('ZADD', ready, 0, turn_of(id, job))
  else
    redis.call('ZADD', later, due_at(job), turn_of(id, job))
  end
end

local function enter_list(id, job)
  redis.call('ZADD', listed[job[STATE]], 0, place_of(id, job))
  count(job, 1)
end

local function leave_list(id, job)
  redis.call('ZREM', listed[job[STATE]], place_of(id, job))
  count(job, -1)
end

-- Move a job from the list of its state to that of another. Its turn is the caller's to see to.
local function change_state(id, job, state)
  leave_list(id, job)
  job[STATE] = state
  enter_list(id, job)
end

-- End a job that has no turn any more. Its follow-up, if there is one, moves up; returns whether it did.
local function end_job(id, job, state, now, code, message, retry_at)
  change_state(id, job, state)
  job[FINISHED_AT], job[LEASE_UNTIL], job[TOKEN] = now, '', ''
  job[ERROR_CODE], job[ERROR_MESSAGE], job[ERROR_RETRY_AT] = code, message, retry_at
  write_job(id, job)
  redis.call('ZADD', ends, now, id)
  redis.call('ZADD', past, 0, end_of(id, job))
  local next_id = redis.call('HGET', follow_ups, subject(job))
  if not next_id then
    redis.call('HDEL', heads, subject(job))
    return false
  end
  redis.call('HDEL', follow_ups, subject(job))
  redis.call('HSET', heads, subject(job), next_id)
  take_turn(next_id, read_job(next_id), now)
  return true
end

-- Forget a job that has ended.
local function drop_job(id, job)
  redis.call('ZREM', ends, id)
  redis.call('ZREM', past, end_of(id, job))
  redis.call('HDEL', records, id)
  leave_list(id, job)
end

-- A job, if this token holds it.
local function held_job(id, token)
  local job = read_job(id)
  return job and job[STATE] == 'running' and job[TOKEN] == token and job
end

-- Put a held job back among those that wait.
local function let_go(id, job)
  leave_turn(id, job)
  change_state(id, job, 'queued')
  job[LEASE_UNTIL], job[TOKEN] = '', ''
  write_job(id, job)
  take_turn(id, job)
end

-- Ids and jobs by turns, as they are at the end of the script; nothing twice for an id that is false.
local function answers_for(ids)
  local found = {}
  for place, id in ipairs(ids) do
    found[2 * place - 1] = id
    found[2 * place] = id and redis.call('HGET', records, id)
  end
  return found
end
