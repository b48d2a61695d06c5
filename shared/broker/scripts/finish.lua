-- Publish a text's result to every API process that waits for it, and keep an answer for claims that come later.
--
-- KEYS  claim, backlog, backlog tokens
-- ARGV  key, encoded result, ms to keep it (0 for a failure, so that the next request tries again, and for the answer of
--       another model version than the key's), estimated tokens
-- Returns  the number of API processes that were waiting
local claim, key, result, keep = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('ZREM', KEYS[2], ARGV[4] .. ':' .. key) == 1 then
  redis.call('DECRBY', KEYS[3], ARGV[4])
end
local waiters = 0
for _, field in ipairs(redis.call('HKEYS', claim)) do
  if string.sub(field, 1, 2) == 'w:' then
    redis.call('PUBLISH', string.sub(field, 3), key .. '\n' .. result)
    waiters = waiters + 1
  end
end
redis.call('DEL', claim)
if keep > 0 then
  redis.call('HSET', claim, 'result', result)
  redis.call('PEXPIRE', claim, keep)
end
return waiters
