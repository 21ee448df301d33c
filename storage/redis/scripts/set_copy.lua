-- Keeps a copy unless one is kept that is of a higher order and has not ended.
-- KEYS: the copy. ARGV: the value to keep, whose head is `end, order`, each eight bytes of which the highest bit is
-- turned over; now in the same form; milliseconds to keep it.

local head = redis.call('GETRANGE', KEYS[1], 0, 15)
if #head == 16 and is_higher(string.sub(head, 1, 8), ARGV[2])
    and is_higher(string.sub(head, 9, 16), string.sub(ARGV[1], 9, 16)) then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
