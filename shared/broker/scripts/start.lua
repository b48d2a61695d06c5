-- Tell a worker which texts of a message are still wanted, and mark those as begun.
--
-- KEYS  the queue, then for each text its claim and its tries
-- ARGV  lease in ms for a text that begins now, ms for which the mark stays, then for each text its deadline (ms, broker's
--       clock)
-- Returns  {number of messages in the queue, now, the state of each text}; a state is an encoded result (the text is
--          finished already), RUN (1), ALONE (2: an earlier run came to no end, so this one must be alone) or LATE (0: past
--          the deadline)
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local lease, remembered = tonumber(ARGV[1]), tonumber(ARGV[2])
local states = {}
for i = 1, #ARGV - 2 do
  local claim, tries = KEYS[2 * i], KEYS[2 * i + 1]
  local fields = redis.call('HMGET', claim, 'result', 'until', 'started')
  if fields[1] then
    states[i] = fields[1]
  elseif tonumber(ARGV[2 + i]) < now then
    states[i] = 0
  else
    local held = math.max(tonumber(fields[2] or 0), now + lease)
    redis.call('HSET', claim, 'started', 1, 'until', held)
    redis.call('PEXPIRE', claim, math.max(held - now, remembered))
    states[i] = (fields[3] or redis.call('EXISTS', tries) == 1) and 2 or 1
  end
end
return {redis.call('LLEN', KEYS[1]), now, states}
