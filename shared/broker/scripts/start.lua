-- Tell a worker which texts of a message are still wanted, and mark those as begun.
--
-- KEYS  the queue, the claim of each text
-- ARGV  lease in ms for a text that begins now, ms for which the mark stays, then for each text its deadline (ms, broker's
--       clock)
-- Returns  {number of messages in the queue, the state of each text}; a state is an encoded result (the text is finished
--          already), RUN (1), ALONE (2: an earlier run came to no end, so this one must be alone) or LATE (0: past the
--          deadline)
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local lease, remembered = tonumber(ARGV[1]), tonumber(ARGV[2])
local states = {}
for i = 1, #KEYS - 1 do
  local claim = KEYS[1 + i]
  local result = redis.call('HGET', claim, 'result')
  if result then
    states[i] = result
  elseif tonumber(ARGV[2 + i]) < now then
    states[i] = 0
  else
    local fields = redis.call('HMGET', claim, 'until', 'started')
    local held = math.max(tonumber(fields[1] or 0), now + lease)
    redis.call('HSET', claim, 'started', 1, 'until', held)
    redis.call('PEXPIRE', claim, math.max(held - now, remembered))
    states[i] = fields[2] and 2 or 1
  end
end
return {redis.call('LLEN', KEYS[1]), states}
