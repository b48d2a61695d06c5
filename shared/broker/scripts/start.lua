-- Tell a worker which texts of a message are still wanted, and mark those as begun.
--
-- KEYS  the queue, then for each text its claim and its tries
-- ARGV  lease in ms for a text that begins now, ms for which the mark stays, 1 if an earlier run of this message may have
--       begun, then for each text its deadline (ms, broker's clock)
-- Returns  {number of messages in the queue, now, the state of each text}; a state is an encoded result (the text is
--          finished already), RUN (1), ALONE (2: an earlier run came to no end, so this one must be alone) or LATE (0: past
--          the deadline)
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local lease, remembered, again = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local states = {}
for i = 1, #ARGV - 3 do
  local claim, tries, deadline = KEYS[2 * i], KEYS[2 * i + 1], ARGV[3 + i]
  local fields = redis.call('HMGET', claim, 'result', 'until', 'started', 'begun')
  local announced = fields[4] == deadline and not again -- the mark is that of this run
  local held = tonumber(fields[2] or 0)
  if fields[1] then
    states[i] = fields[1]
  elseif tonumber(deadline) < now then
    states[i] = 0
    if announced and not fields[3] then -- it has never run, so its next run need not be alone
      redis.call('HDEL', claim, 'begun')
      redis.call('PEXPIRE', claim, math.max(1, held - now + 1000))
    end
  else
    held = math.max(held, now + lease)
    redis.call('HSET', claim, 'started', 1, 'until', held)
    redis.call('PEXPIRE', claim, math.max(held - now, remembered))
    local ran = fields[3] or (fields[4] and not announced) or redis.call('EXISTS', tries) == 1
    states[i] = ran and 2 or 1
  end
end
return {redis.call('LLEN', KEYS[1]), now, states}
