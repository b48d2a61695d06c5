-- Put messages into a queue, and extend the claims of their texts to the texts' deadlines, by `_queue.lua`.
--
-- KEYS  the queue, then for each text its claim and its tries
-- ARGV  ms for which the mark of a run stays, number of messages, the messages, then for each text its deadline (ms,
--       broker's clock)
-- Returns  the number of messages in the queue
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local count = tonumber(ARGV[2])
local messages, texts = {}, {}
for i = 1, count do
  messages[i] = ARGV[2 + i]
end
for i = 1, #ARGV - 2 - count do
  texts[i] = {claim = KEYS[2 * i], tries = KEYS[2 * i + 1], deadline = ARGV[2 + count + i]}
end
return queue(KEYS[1], messages, texts, now, ARGV[1])
