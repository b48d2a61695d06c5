-- Queue messages, and extend the claims of their texts to the texts' deadlines. Joined to the scripts that call it.
--
-- If no run of the texts can have begun, they are marked as begun, and the messages say so ("begun"): a worker then runs
-- them without a call of `start.lua`. The mark is the deadline in the text's message, by which `start.lua` knows whether
-- this message or an earlier one has set it.
--
-- texts       a table for each text: its claim, its tries, its deadline (ms, broker's clock)
-- remembered  ms for which the mark stays
-- Returns  the number of messages in the queue
local function queue(name, messages, texts, now, remembered)
  local fresh = true
  for _, text in ipairs(texts) do
    local fields = redis.call('HMGET', text.claim, 'until', 'started', 'begun')
    text.claimed, text.ran = fields[1], fields[2] or fields[3]
    fresh = fresh and text.claimed and not text.ran and redis.call('EXISTS', text.tries) == 0
  end
  for _, text in ipairs(texts) do
    if text.claimed then
      if fresh then
        redis.call('HSET', text.claim, 'until', text.deadline, 'holder', '', 'begun', text.deadline)
        redis.call('PEXPIRE', text.claim, remembered)
      else
        redis.call('HSET', text.claim, 'until', text.deadline, 'holder', '')
        if not text.ran then redis.call('PEXPIRE', text.claim, math.max(1, text.deadline - now + 1000)) end
      end
    end
  end
  local length = 0
  for _, message in ipairs(messages) do
    length = redis.call('LPUSH', name, fresh and '{"begun": true, ' .. string.sub(message, 2) or message)
  end
  return length
end

