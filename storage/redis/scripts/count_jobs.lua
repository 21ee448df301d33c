-- How many jobs there are: "kind NUL state" and their number by turns.
return redis.call('HGETALL', counts)
