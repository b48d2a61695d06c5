-- Write a worker's entry into the registry, and change the active model version if this worker's is newer or no live worker
-- serves the active one.
--
-- KEYS  workers, active, models, cards
-- ARGV  events channel, id, version, build time (s), ms since the last real inference, tokens a second,
--       "1" when the worker has just become ready, ms without a beat after which a worker is not live,
--       the lanes that it serves, joined by commas, shares of its time by lane as JSON,
--       labels of its model as a JSON list, its engine, the engine's variant, the card of its model or ""
-- Returns  {the active version, 1 if the card of the worker's version is stored}
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local version, built, ready, patience = ARGV[3], tonumber(ARGV[4]), ARGV[7] == '1', tonumber(ARGV[8])

redis.call('HSET', KEYS[1], ARGV[2], cjson.encode({
  version = version, built = built, beat = now, inferred = now - tonumber(ARGV[5]), rate = tonumber(ARGV[6]),
  lanes = ARGV[9], busy = cjson.decode(ARGV[10]), labels = cjson.decode(ARGV[11]),
  engine = ARGV[12], variant = ARGV[13],
}))

local active = redis.call('HGET', KEYS[2], 'version')
local chosen = nil

local function later(a_built, a_version, b_built, b_version)
  return a_built > b_built or (a_built == b_built and a_version > b_version)
end

if ready then
  redis.call('HSET', KEYS[3], version, built)
end
if not active then
  chosen = {version = version, built = built}
elseif active ~= version then
  local current = tonumber(redis.call('HGET', KEYS[2], 'built'))
  local ceiling = tonumber(redis.call('HGET', KEYS[2], 'ceiling') or -1)
  if ready and built > ceiling and later(built, version, current, active) then
    chosen = {version = version, built = built}
  else
    -- If no live worker serves the active version: the latest build that a live worker serves.
    local best = nil
    local entries = redis.call('HGETALL', KEYS[1])
    for i = 2, #entries, 2 do
      local worker = cjson.decode(entries[i])
      if now - worker.beat <= patience then
        if worker.version == active then best = nil; break end
        if not best or later(worker.built, worker.version, best.built, best.version) then best = worker end
      end
    end
    chosen = best
  end
end
if chosen then
  redis.call('HSET', KEYS[2], 'version', chosen.version, 'built', chosen.built)
end
if ready or chosen then
  redis.call('PUBLISH', ARGV[1], version)
end
active = chosen and chosen.version or active

if ARGV[14] ~= '' then
  redis.call('HSET', KEYS[4], version, ARGV[14])
  local needed = {[active] = true, [version] = true}
  for _, entry in ipairs(redis.call('HVALS', KEYS[1])) do needed[cjson.decode(entry).version] = true end
  for _, known in ipairs(redis.call('HKEYS', KEYS[4])) do
    if not needed[known] then redis.call('HDEL', KEYS[4], known) end
  end
end
return {active, redis.call('HEXISTS', KEYS[4], version)}
