-- What scripts on items of any kind share.

-- Whether the tables may be read. Those of a snapshot live so many milliseconds (ARGV[1]) longer with every look; when
-- one of them is gone, it is no snapshot any more. The last key is the mark, which says how many keys there are.
local function is_whole()
  if ARGV[1] == '0' then
    return true
  end
  local count = 0
  for _, key in ipairs(KEYS) do
    count = count + redis.call('PEXPIRE', key, ARGV[1])
  end
  return redis.call('GET', KEYS[#KEYS]) == tostring(count)
end

-- As HMGET, of any number of fields: Lua unpacks fewer than 8,000 values at once.
local function values_of(hash, fields)
  local values = {}
  for first = 1, #fields, 5000 do
    for _, value in ipairs(redis.call('HMGET', hash, unpack(fields, first, math.min(first + 4999, #fields)))) do
      values[#values + 1] = value
    end
  end
  return values
end

-- At most `limit` members of a sorted set without scores, after one (which begins with a sign) or from the first on.
local function members(set, after, limit)
  local from = after == '' and '-' or '(' .. string.sub(after, 2)
  return redis.call('ZRANGEBYLEX', set, from, '+', 'LIMIT', 0, limit)
end
