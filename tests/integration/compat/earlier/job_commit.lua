-- Accept a job whose texts have been staged, unless its idempotency key has made one already.
--
-- KEYS  see _jobs.lua, then the idempotency key's name or ""
-- ARGV  id, owner, number of texts, number of chunks, weight, tokens, payload digest, most weight that may be waiting,
--       most tickets of one job in the queue, ticket template, ms to keep a job without texts
-- Returns  {1, now}; {0, digest and id of the earlier job}; or {-1, weight that is waiting}
local id, owner, total, chunks = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local weight, tokens, digest, most, window = ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local job = job_key(id)
if KEYS[3] ~= '' then
  local earlier = redis.call('GET', KEYS[3])
  if earlier then
    redis.call('DEL', job .. ':texts')
    return {0, earlier}
  end
end
local waiting = tonumber(redis.call('GET', prefix .. 'jobs:bytes') or 0)
if waiting + weight > most then
  redis.call('DEL', job .. ':texts')
  return {-1, waiting}
end
redis.call('PERSIST', job .. ':texts')
redis.call('HSET', job, 'owner', owner, 'status', 'queued', 'total', total, 'done', 0, 'failed', 0, 'chunks', chunks,
  'next', math.min(chunks, window), 'weight', weight, 'tokens', tokens, 'created', now, 'idempotency', KEYS[3])
redis.call('INCRBY', prefix .. 'jobs:bytes', weight)
redis.call('INCRBY', prefix .. 'backlog:bulk:tokens', tokens)
redis.call('ZADD', prefix .. 'jobs:open', now, id)
if KEYS[3] ~= '' then redis.call('SET', KEYS[3], digest .. ' ' .. id) end
for chunk = 0, math.min(chunks, window) - 1 do send(id, chunk, ARGV[10]) end
if total == 0 then settle(id, 'succeeded', tonumber(ARGV[11])) end
return {1, now}
