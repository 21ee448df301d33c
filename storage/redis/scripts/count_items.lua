-- How many items there are. ARGV: life of the snapshot. Nothing when the snapshot ended.
return is_whole() and redis.call('ZCARD', order)
