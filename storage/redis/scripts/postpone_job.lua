-- Put a job back for another attempt. ARGV: token, id, not_before, and the error's code, message and time or nothing.
-- Returns the job; nothing when the token does not hold it.
local job = held_job(ARGV[2], ARGV[1])
if not job then
  return false
end
job[NOT_BEFORE], job[ERROR_CODE], job[ERROR_MESSAGE], job[ERROR_RETRY_AT] = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
let_go(ARGV[2], job)
return join(job)
