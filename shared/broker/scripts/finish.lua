-- Publish results to every API process that waits for them, and keep answers for claims that come later.
--
-- KEYS  backlog, backlog tokens, then the claim of each text
-- ARGV  for each text: key, encoded result, ms to keep it (0 for a failure, so that the next request tries again, and for
--       the answer of another model version than the key's), estimated tokens
-- Returns  the number of messages published
local published, freed = 0, 0
for i = 3, #KEYS do
  local claim, at = KEYS[i], 4 * (i - 3)
  local key, result, keep, tokens = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), ARGV[at + 4]
  if redis.call('ZREM', KEYS[1], tokens .. ':' .. key) == 1 then
    freed = freed + tokens
  end
  for _, field in ipairs(redis.call('HKEYS', claim)) do
    if string.sub(field, 1, 2) == 'w:' then
      redis.call('PUBLISH', string.sub(field, 3), key .. '\n' .. result)
      published = published + 1
    end
  end
  redis.call('DEL', claim)
  if keep > 0 then
    redis.call('HSET', claim, 'result', result)
    redis.call('PEXPIRE', claim, keep)
  end
end
if freed > 0 then redis.call('DECRBY', KEYS[2], freed) end
return published
