-- Keeps a copy in the place of one of an exact order, or where there is none. Gives 1, or 0 when that is not so.
-- KEYS: the copy. ARGV: as of `set_copy`; then the order expected, as it stands in a copy, or nothing.

local head = redis.call('GETRANGE', KEYS[1], 0, 15)
local is_there = #head == 16 and is_higher(string.sub(head, 1, 8), ARGV[2])
if is_there ~= (ARGV[4] ~= '') or (is_there and string.sub(head, 9, 16) ~= ARGV[4]) then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
