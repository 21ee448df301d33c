-- What scripts on copies share: how the numbers in a copy's head are compared.
-- Halves of four bytes are compared, since numbers in Lua are exact up to 53 bits only.

local function is_higher(one, other)
    local one_high, one_low = struct.unpack('>I4I4', one)
    local other_high, other_low = struct.unpack('>I4I4', other)
    return one_high > other_high or (one_high == other_high and one_low > other_low)
end
