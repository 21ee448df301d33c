-- Keep entries as they are. ARGV, for each: "kind/key", record, facts, source.
for place = 1, #ARGV, 4 do
  put_entry(ARGV[place], split(ARGV[place + 1]), ARGV[place + 2], ARGV[place + 3])
end
