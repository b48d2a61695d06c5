-- Make a model version the active one by an operator's order. After that, only a build that is later than every version
-- known at this moment becomes active by itself.
--
-- KEYS  workers, active, models
-- ARGV  events channel, version, ms without a beat after which a worker is not live
-- Returns  1, or 0 when no live worker serves that version
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local built = nil
local entries = redis.call('HVALS', KEYS[1])
for _, entry in ipairs(entries) do
  local worker = cjson.decode(entry)
  if worker.version == ARGV[2] and now - worker.beat <= tonumber(ARGV[3]) then built = worker.built end
end
if not built then return 0 end
local ceiling = built
for _, known in ipairs(redis.call('HVALS', KEYS[3])) do
  ceiling = math.max(ceiling, tonumber(known))
end
redis.call('HSET', KEYS[2], 'version', ARGV[2], 'built', built, 'ceiling', ceiling)
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
