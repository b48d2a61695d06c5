-- Put messages into a queue, and extend the claims of their texts to the texts' deadlines.
--
-- KEYS  the queue, then the claim of each text
-- ARGV  number of messages, the messages, then for each text its deadline (ms, broker's clock)
-- Returns  the number of messages in the queue
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local messages = tonumber(ARGV[1])
for i = 2, #KEYS do
  if redis.call('HEXISTS', KEYS[i], 'until') == 1 then
    local deadline = tonumber(ARGV[messages + i])
    redis.call('HSET', KEYS[i], 'until', deadline)
    redis.call('HDEL', KEYS[i], 'holder')
    if redis.call('HEXISTS', KEYS[i], 'started') == 0 then
      redis.call('PEXPIRE', KEYS[i], math.max(1, deadline - now + 1000))
    end
  end
end
local length = 0
for i = 1, messages do
  length = redis.call('LPUSH', KEYS[1], ARGV[1 + i])
end
return length
