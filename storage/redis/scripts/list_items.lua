-- A page of items. ARGV: life of the snapshot, after (with a sign, or nothing), limit. Nothing when the snapshot ended.
return is_whole() and columns_of(members(order, ARGV[2], ARGV[3]))
