-- Move the end of leases. ARGV: token, lease_until, ids ... Returns the ids that the token holds.
local held = {}
for place = 3, #ARGV do
  local id = ARGV[place]
  local job = held_job(id, ARGV[1])
  if job then
    leave_turn(id, job)
    job[LEASE_UNTIL] = ARGV[2]
    write_job(id, job)
    take_turn(id, job)
    held[#held + 1] = id
  end
end
return held
