-- Values of several parts, parted by NUL, which no kept text contains. Numbers stay text unless one is reckoned with:
-- they are below 2^53, where Lua's numbers are exact.

local NUL = '\0'

local function split(text)
  local parts = {}
  for part in string.gmatch(text .. NUL, '([^%z]*)%z') do
    parts[#parts + 1] = part
  end
  return parts
end

local function join(parts)
  return table.concat(parts, NUL)
end

-- Places of the parts of a record, as in `storage/redis/records.py`.
local VERSION, FACTS_HASH, PARSER_VERSION, DATA_VERSION, FETCHED_AT, CREATED_AT, CHANGED_AT, BATTLETAG =
  1, 2, 3, 4, 5, 6, 7, 8

-- Whether an answer takes the place of the kept record. One that this code cannot read gives way to any answer:
-- that of another data version, and that whose bytes the caller found damaged (the digest says which bytes it saw).
local function gives_way(kept, answer, bytes, damaged)
  return tonumber(kept[FETCHED_AT]) <= tonumber(answer[FETCHED_AT])
    or kept[DATA_VERSION] ~= answer[DATA_VERSION]
    or (damaged ~= '' and bytes and redis.sha1hex(bytes) == damaged)
end

-- The record that follows a kept one when an answer takes its place. The answer is as if it were the first.
local function following(kept, answer)
  local next = {unpack(answer)}
  local is_equal = kept[FACTS_HASH] == answer[FACTS_HASH]
  next[VERSION] = string.format('%d', tonumber(kept[VERSION]) + (is_equal and 0 or 1))
  next[CREATED_AT] = kept[CREATED_AT]
  if is_equal then
    next[CHANGED_AT] = kept[CHANGED_AT]
  end
  if tonumber(kept[FETCHED_AT]) > tonumber(answer[FETCHED_AT]) then
    next[FETCHED_AT] = kept[FETCHED_AT]
  end
  return next
end
