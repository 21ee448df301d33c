-- Put jobs back as if they had not been claimed. ARGV: token, ids ... Returns the ids that the token held.
local held = {}
for place = 2, #ARGV do
  local id = ARGV[place]
  local job = held_job(id, ARGV[1])
  if job then
    job[ATTEMPTS] = string.format('%d', tonumber(job[ATTEMPTS]) - 1)
    let_go(id, job)
    held[#held + 1] = id
  end
end
return held
