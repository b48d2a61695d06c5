-- Read the clock, the active model version and the registry of workers; delete entries without a beat for long.
--
-- KEYS  workers, active, cards
-- ARGV  ms without a beat after which a worker's entry is deleted, version whose card the caller has
-- Returns  {now, active version or "", id and entry of each worker in turn, card of the active version, or "" if the caller
--          has it or it is not stored}
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local entries = redis.call('HGETALL', KEYS[1])
local kept = {}
for i = 1, #entries, 2 do
  if now - cjson.decode(entries[i + 1]).beat > tonumber(ARGV[1]) then
    redis.call('HDEL', KEYS[1], entries[i])
  else
    kept[#kept + 1] = entries[i]
    kept[#kept + 1] = entries[i + 1]
  end
end
local active = redis.call('HGET', KEYS[2], 'version') or ''
return {now, active, kept, active ~= ARGV[2] and redis.call('HGET', KEYS[3], active) or ''}
