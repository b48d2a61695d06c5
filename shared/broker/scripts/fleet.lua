-- Read the clock, the active model version and the registry of workers; delete entries without a beat for long.
--
-- KEYS  workers, active
-- ARGV  ms without a beat after which a worker's entry is deleted
-- Returns  {now, active version or "", id and entry of each worker in turn}
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
return {now, redis.call('HGET', KEYS[2], 'version') or '', kept}
