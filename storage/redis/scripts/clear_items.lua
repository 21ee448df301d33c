-- Remove at most ARGV[2] items. Returns how many went.
local gone = members(order, '', ARGV[2])
for _, key in ipairs(gone) do
  drop(key)
end
return #gone
