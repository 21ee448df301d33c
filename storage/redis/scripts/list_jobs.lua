-- Jobs in a state, the last enqueued first. ARGV: state, the place to go on behind (or "+"), limit, known kinds ...
-- Returns ids and jobs by turns.
local limit, known = tonumber(ARGV[3]), {}
for place = 4, #ARGV do
  known[ARGV[place]] = true
end

local ids, before = {}, ARGV[2]
while #ids < limit do
  local page = redis.call('ZREVRANGEBYLEX', listed[ARGV[1]], before, '-', 'LIMIT', 0, limit)
  for _, place in ipairs(page) do
    local id, kind = named_by(place)
    if known[kind] and #ids < limit then
      ids[#ids + 1] = id
    end
    before = '(' .. place
  end
  if #page == 0 then
    break
  end
end
return answers_for(ids)
