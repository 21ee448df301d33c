-- How a request becomes a job, or joins one that is open.

local function open_job(id, asked, now, slots)
  local job = {asked.kind, asked.key, 'queued', asked.priority, now, asked.not_before, '0', '', '', '', '', '', '', ''}
  write_job(id, job)
  redis.call('HSET', slots, subject(job), id)
  enter_list(id, job)
  if slots == heads then
    take_turn(id, job, now)
  end
  return id
end

-- Raise a job's priority, and have it run earlier; one that was tried before keeps the time that its error asked for.
local function join_job(id, job, asked, now)
  local is_raised = tonumber(asked.priority) > tonumber(job[PRIORITY])
  local is_earlier = job[ATTEMPTS] == '0' and tonumber(asked.not_before) < tonumber(job[NOT_BEFORE])
  if not is_raised and not is_earlier then
    return id
  end
  local is_head = redis.call('HGET', heads, subject(job)) == id
  if is_head then
    leave_turn(id, job)
  end
  if is_raised then
    job[PRIORITY] = asked.priority
  end
  if is_earlier then
    job[NOT_BEFORE] = asked.not_before
  end
  write_job(id, job)
  if is_head then
    take_turn(id, job, now)
  end
  return id
end

-- Take a request. Returns the id of the job that stands for it. A request that comes twice, as its sender did not hear
-- the answer, stands for the job that the first made.
local function ask(id, asked, now)
  if redis.call('HEXISTS', records, id) == 1 then
    return id
  end
  local slot = asked.kind .. NUL .. asked.key
  local head_id = redis.call('HGET', heads, slot)
  if not head_id then
    return open_job(id, asked, now, heads)
  end
  local head = read_job(head_id)
  join_job(head_id, head, asked, now)
  if not asked.is_after_run or head[STATE] ~= 'running' then
    return head_id
  end
  local next_id = redis.call('HGET', follow_ups, slot)
  if not next_id then
    return open_job(id, asked, now, follow_ups)
  end
  return join_job(next_id, read_job(next_id), asked, now)
end
