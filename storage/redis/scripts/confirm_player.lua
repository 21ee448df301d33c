-- Move the time of a player's last fetch forward. ARGV: id, fetched_at, data_version, aliases ...
-- Returns the kept record and profile, nothing when no readable record is kept.
local id, fetched_at = ARGV[1], ARGV[2]
local text = redis.call('HGET', records, id)
local record = text and split(text)
if not record or record[DATA_VERSION] ~= ARGV[3] then
  return false
end
if tonumber(record[FETCHED_AT]) < tonumber(fetched_at) then
  record[FETCHED_AT] = fetched_at
  put_record(id, record)
end
remember(id, fetched_at, 4)
return {join(record), redis.call('HGET', profiles, id)}
