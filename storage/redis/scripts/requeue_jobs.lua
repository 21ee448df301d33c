-- Give dead letters another try. ARGV: now, how many kinds are known, these kinds, ids ...
-- Returns for each id that of the job that stands for it and the job; nothing twice for what is no dead letter.
local now, known = ARGV[1], {}
local kinds = tonumber(ARGV[2])
for place = 3, 2 + kinds do
  known[ARGV[place]] = true
end

local function again(id, job)
  drop_job(id, job)
  return ask(id, {kind = job[KIND], key = job[KEY], priority = job[PRIORITY], not_before = now}, now)
end

local ids = {}
for place = 3 + kinds, #ARGV do
  local job = read_job(ARGV[place])
  local is_dead = job and job[STATE] == 'failed' and known[job[KIND]] or false
  ids[#ids + 1] = is_dead and again(ARGV[place], job)
end
return answers_for(ids)
