-- Removes a copy, a count or a lease if it has ended. Gives 1, or 0 when it has not, or was renewed meanwhile.
-- KEYS: what ended. ARGV: now as the end of a copy is written; now as a number.

local kind = redis.call('TYPE', KEYS[1]).ok
local has_ended = false
if kind == 'string' then
    local high, low = struct.unpack('>I4I4', ARGV[1])
    local ends_high, ends_low = struct.unpack('>I4I4', redis.call('GETRANGE', KEYS[1], 0, 7))
    has_ended = ends_high < high or (ends_high == high and ends_low <= low)
elseif kind == 'hash' then
    has_ended = tonumber(redis.call('HGET', KEYS[1], 'ends')) <= tonumber(ARGV[2])
end
return has_ended and redis.call('UNLINK', KEYS[1]) or 0
