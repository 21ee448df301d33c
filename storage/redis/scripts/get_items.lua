-- Items by key. ARGV: life of the snapshot, keys ... Nothing when the snapshot ended.
local keys = {}
for place = 2, #ARGV do
  keys[place - 1] = ARGV[place]
end
return is_whole() and columns_of(keys)
