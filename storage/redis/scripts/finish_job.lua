-- End a job. ARGV: token, id, state, now, and the error's code, message and time, or nothing for each.
-- Returns the job; nothing when the token does not hold it.
local job = held_job(ARGV[2], ARGV[1])
if not job then
  return false
end
leave_turn(ARGV[2], job)
end_job(ARGV[2], job, ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
return join(job)
