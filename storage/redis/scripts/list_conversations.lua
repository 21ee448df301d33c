-- Pages of callers' conversations, the last active first. ARGV: now, then for each: caller, user and channel (each
-- with a sign, or nothing for any), time and id of the place above which the page lies and of that below which
-- (nothing twice: no bound), limit, 1 when the page is the oldest of them. Returns for each: how many the list has,
-- how many of them are not older than where the page may begin, how many lie between the places; the ids on the page,
-- and the conversations.
-- It goes once through all of a caller's conversations, of which there are no more than the caller may have and what
-- was not swept yet, and parts them by each kind of filter that is asked for.
local now = tonumber(ARGV[1])
local living_of, lists_of = {}, {}

local function living_entries(caller)
  if not living_of[caller] then
    local found = {}
    for _, entry in ipairs(entries_of(caller)) do
      local time, id, ends_at, user_id, channel_id = read_entry(entry, caller)
      if ends_at == '' or tonumber(ends_at) > now then
        found[#found + 1] = {at = tonumber(time), id = id, user = '+' .. user_id, channel = '+' .. channel_id}
      end
    end
    living_of[caller] = found
  end
  return living_of[caller]
end

-- A caller's conversations with this user and channel (nothing: any), in order.
local function listed(caller, user, channel)
  local filter = join({caller, user ~= '' and 'user' or '', channel ~= '' and 'channel' or ''})
  if not lists_of[filter] then
    local lists = {}
    for _, each in ipairs(living_entries(caller)) do
      local name = (user ~= '' and each.user or '') .. NUL .. (channel ~= '' and each.channel or '')
      lists[name] = lists[name] or {}
      table.insert(lists[name], each)
    end
    lists_of[filter] = lists
  end
  return lists_of[filter][user .. NUL .. channel] or {}
end

-- Whether a conversation comes before a place in the list; the order of ids is that of their signs.
local function is_newer(at, id, place_at, place_id)
  return at > place_at or (at == place_at and id > place_id)
end

-- How many of a list come first for which something is true.
local function first_ones(list, is_true)
  local low, high = 0, #list
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_true(list[middle + 1]) then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

local function page(caller, user, channel, newer_at, newer_id, older_at, older_id, limit, oldest)
  local list = listed(caller, user, channel)
  local newer, older = tonumber(newer_at), tonumber(older_at)
  local ahead = older and first_ones(list, function(each)
    return not is_newer(older, older_id, each.at, each.id)
  end) or 0
  local till = newer and first_ones(list, function(each)
    return is_newer(each.at, each.id, newer, newer_id)
  end) or #list
  local inside = math.max(0, till - ahead)
  local size = math.min(tonumber(limit), inside)
  local start = oldest == '1' and till - size or ahead
  local found = {}
  for number = 1, size do
    found[number] = list[start + number].id
  end
  return {#list, ahead, inside, found, size > 0 and redis.call('HMGET', records, unpack(found)) or {}}
end

local pages = {}
for number = 2, #ARGV, 9 do
  pages[#pages + 1] = page(unpack(ARGV, number, number + 8))
end
return pages
