-- Keep notes as they are. ARGV, for each: id, note, retry_at.
for place = 1, #ARGV, 3 do
  put_note(ARGV[place], ARGV[place + 1], ARGV[place + 2])
end
