-- Look at a page of players. ARGV and answer as in `check_items`.
return check_items('players', {{'profile', profiles}, {'career', careers}, {'page', pages}}, function(id, note)
  if redis.call('HGET', aliases, id) ~= id then
    note('is not found under its own id')
  end
end)
