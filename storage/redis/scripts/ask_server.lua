-- A section of what this server says of itself. KEYS[1] only leads to the right node.
return redis.call('INFO', ARGV[1])
