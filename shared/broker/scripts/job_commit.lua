-- Accept a job whose texts are staged, and send its first tickets, unless its idempotency key has made a job already.
--
-- KEYS  see _jobs.lua, then the idempotency key's name, if the client has sent one
-- ARGV  id, owner, number of texts, number of chunks, weight, tokens, payload digest, most weight of all unfinished jobs,
--       most tickets of one job in the queue, ticket template, ms to keep a job without texts,
--       trace context ("" without a trace)
-- Returns  {1, now}; {0, digest and id of the earlier job}; {-1, weight of all unfinished jobs} if that is too much; or
--          {-2, number of staged chunks} if some are missing, which another server had before a failover
local id, owner, total, chunks = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local weight, tokens, digest, most, window = ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local job, idempotency = job_key(id), KEYS[FIRST] or ''
-- The same call again, because the reply to the first one was lost.
if redis.call('EXISTS', job) == 1 then return {0, digest .. ' ' .. id} end
if idempotency ~= '' then
  local earlier = redis.call('GET', idempotency)
  if earlier then
    redis.call('DEL', job .. ':texts')
    return {0, earlier}
  end
end
local waiting = tonumber(redis.call('GET', BYTES) or 0)
if waiting + weight > most then
  redis.call('DEL', job .. ':texts')
  return {-1, waiting}
end
local staged = redis.call('HLEN', job .. ':texts')
if staged ~= chunks then return {-2, staged} end
redis.call('PERSIST', job .. ':texts')
redis.call('HSET', job, 'owner', owner, 'status', 'queued', 'total', total, 'done', 0, 'failed', 0, 'chunks', chunks,
  'next', math.min(chunks, window), 'weight', weight, 'tokens', tokens, 'created', now, 'idempotency', idempotency)
if ARGV[12] ~= '' then redis.call('HSET', job, 'trace', ARGV[12]) end
redis.call('INCRBY', BYTES, weight)
redis.call('INCRBY', TOKENS, tokens)
redis.call('ZADD', OPEN, now, id)
if idempotency ~= '' then redis.call('SET', idempotency, digest .. ' ' .. id) end
for chunk = 0, math.min(chunks, window) - 1 do send(id, chunk, ARGV[10]) end
if total == 0 then settle(id, 'succeeded', tonumber(ARGV[11])) end
return {1, now}
