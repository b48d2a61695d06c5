-- Begin a chunk for a worker that has taken a ticket for it from the queue.
--
-- KEYS  see _jobs.lua, then the latest begun ticket's time
-- ARGV  id, chunk, ticket, process, lease in ms
-- Returns  false if there is nothing to do (done, canceled, unknown, or another process runs it);
--          else {1 if an earlier run of it came to no end, the chunk's texts, the job's trace context or ""}
local id, chunk, ticket = ARGV[1], ARGV[2], ARGV[3]
local member, job, line = id .. ':' .. chunk, job_key(id), KEYS[FIRST]
-- The time of this ticket and not of the chunk, which may have been sent again with a later ticket.
local sent = tonumber(string.match(ticket, '%d+$') or 0)
if sent > tonumber(redis.call('GET', line) or 0) then
  redis.call('SET', line, whole(sent))
end
local status = redis.call('HGET', job, 'status')
local texts = status and not is_final(status) and redis.call('HGET', job .. ':texts', chunk)
if not texts then
  redis.call('ZREM', WAITING, member)
  redis.call('HDEL', RUNNING, member)
  return false
end
local run = redis.call('HGET', RUNNING, member)
if run then
  run = cjson.decode(run)
  -- The same ticket a second time: the queue has taken it back from a process that died.
  if run.ticket ~= ticket and run['until'] > now then return false end
  redis.call('HSET', job, 'suspect:' .. chunk, 1)
end
redis.call('ZREM', WAITING, member)
redis.call('HSET', RUNNING, member, cjson.encode({ticket = ticket, process = ARGV[4], ['until'] = now + ARGV[5]}))
if status == 'queued' then
  redis.call('HSET', job, 'status', 'processing', 'started', now)
  tell(id)
end
return {redis.call('HEXISTS', job, 'suspect:' .. chunk), texts, redis.call('HGET', job, 'trace') or ''}
