-- Ask, as a worker, which texts of a message are still wanted, and mark them as begun.
--
-- KEYS  the queue, the claim of each text
-- ARGV  lease in ms for a text that begins now, ms for which it is remembered that it has begun, then for each text its
--       deadline (ms, broker's clock)
-- Returns  {messages that wait in the queue, the state of each text}; a state is an encoded result (somebody has finished
--          it), RUN (1), ALONE (2: run it alone, for it has begun before and come to no end) or LATE (0: nobody waits
--          any longer)
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
