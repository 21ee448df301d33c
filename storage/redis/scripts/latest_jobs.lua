-- The job of each key that is to be run next, else the one that past last. ARGV: kind, keys ...
-- Returns ids and jobs by turns; nothing twice for a key without any.
local ids = {}
for place = 2, #ARGV do
  local slot = ARGV[1] .. NUL .. ARGV[place]
  local id = redis.call('HGET', heads, slot)
  if not id then
    -- All ends of this kind and key begin so; none of them comes after the same with \1.
    local last = redis.call('ZREVRANGEBYLEX', past, '(' .. slot .. '\1', '[' .. slot .. NUL, 'LIMIT', 0, 1)[1]
    id = last and string.sub(last, #slot + 18)
  end
  ids[#ids + 1] = id or false
end
return answers_for(ids)
