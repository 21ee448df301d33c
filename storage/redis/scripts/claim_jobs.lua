-- Take what is due. ARGV: token, limit, now, lease_until, max_attempts, code and message of the error of work that
-- killed its worker too often, kinds ...
-- Returns ids and jobs by turns.
local token, limit, now, lease_until, max_attempts = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5])
local wanted = {}
for place = 8, #ARGV do
  wanted[ARGV[place]] = true
end
-- Jobs of other kinds are passed over; a look at some more than are needed is seldom one too few.
local PAGE = limit + 16

-- Sort those whose time has come by their turns.
local function bring_up()
  local turns = redis.call('ZRANGEBYSCORE', later, '-inf', now)
  if #turns > 0 then
    redis.call('ZREMRANGEBYSCORE', later, '-inf', now)
  end
  for first = 1, #turns, 1000 do
    local entries = {}
    for place = first, math.min(first + 999, #turns) do
      entries[#entries + 1] = 0
      entries[#entries + 1] = turns[place]
    end
    redis.call('ZADD', ready, unpack(entries))
  end
end

-- A job that is due for this caller, whose clock may be behind that of the one who brought it up.
local function due_job(id)
  local job = read_job(id)
  return job and tonumber(due_at(job)) <= tonumber(now) and job
end

local ids, jobs = {}, {}

-- Take a job, or end it as a dead letter. Returns whether its follow-up moved up.
local function take(id, job)
  leave_turn(id, job)
  if job[STATE] == 'running' and tonumber(job[ATTEMPTS]) >= max_attempts then
    return end_job(id, job, 'failed', now, ARGV[6], ARGV[7], '')
  end
  if job[STATE] ~= 'running' then
    change_state(id, job, 'running')
  end
  job[ATTEMPTS] = string.format('%d', tonumber(job[ATTEMPTS]) + 1)
  job[STARTED_AT], job[LEASE_UNTIL], job[TOKEN] = now, lease_until, token
  ids[#ids + 1], jobs[#jobs + 1] = id, job
  return false
end

-- Go through a page from a turn on. Returns where to go on; nothing at the end.
local function take_page(from)
  local page = redis.call('ZRANGEBYLEX', ready, from, '+', 'LIMIT', 0, PAGE)
  for _, turn in ipairs(page) do
    local id, kind = named_by(string.sub(turn, 3))
    local job = #ids < limit and wanted[kind] and due_job(id)
    if job and take(id, job) then
      -- What moved up may come before what was passed over.
      return '-'
    end
  end
  return #page > 0 and '(' .. page[#page] or nil
end

bring_up()
local from = '-'
while from and #ids < limit do
  from = take_page(from)
end

-- Only now, so that a lease that has ended already does not bring a job up again.
local answer = {}
for place, job in ipairs(jobs) do
  write_job(ids[place], job)
  take_turn(ids[place], job)
  answer[2 * place - 1], answer[2 * place] = ids[place], join(job)
end
return answer
