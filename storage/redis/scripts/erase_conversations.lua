-- Remove conversations of a caller. ARGV: caller, limit, how many messages may go with them. Returns how many of both
-- went.
local from, to = '[' .. ARGV[1] .. NUL, '(' .. ARGV[1] .. '\1'
local chosen = {}
for number, entry in ipairs(redis.call('ZRANGEBYLEX', activity, from, to, 'LIMIT', 0, ARGV[2])) do
  local _, id = read_entry(entry, ARGV[1])
  chosen[number] = id
end
return drop_some(chosen, ARGV[3])
