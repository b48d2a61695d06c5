-- Add the counts of one API process to the ring of the last minutes. The ring is in the cache, because its loss only costs
-- a part of a curve.
--
-- A slot is a span of time, numbered since 1970; its field is the number modulo the ring's length, its value the number
-- and the counts of all processes together: sums, then maxima.
--
-- KEYS  ring
-- ARGV  slots in the ring, ms that a slot lasts, number of counts that are sums, then a slot and its counts (numbers
--       with spaces between) in turn
-- Returns  now (ms)
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local slots, step, sums = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local current = math.floor(now / step)

local function numbers(text)
  local found = {}
  for number in string.gmatch(text or '', '%S+') do found[#found + 1] = tonumber(number) end
  return found
end

for i = 4, #ARGV, 2 do
  local slot = tonumber(ARGV[i])
  -- Slots outside the ring come from a process whose clock is wrong.
  if slot > current - slots and slot <= current + 1 then
    local field = tostring(slot % slots)
    local given, kept = numbers(ARGV[i + 1]), numbers(redis.call('HGET', KEYS[1], field))
    if kept[1] == slot and #kept == #given + 1 then
      for n = 1, #given do
        local old = kept[n + 1]
        given[n] = n <= sums and old + given[n] or math.max(old, given[n])
      end
    end
    for n = 1, #given do given[n] = string.format('%.0f', given[n]) end
    redis.call('HSET', KEYS[1], field, string.format('%.0f', slot) .. ' ' .. table.concat(given, ' '))
  end
end
redis.call('PEXPIRE', KEYS[1], 2 * slots * step)
return now
