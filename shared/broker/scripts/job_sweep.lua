-- Send the chunks again that make no progress, and remove synchronous texts past their deadline from the backlog. Every
-- worker calls it once a second; the first call does the work for all.
--
-- KEYS  see _jobs.lua, then the latest begun ticket's time, mark of the last sweep, numbers of tickets sent again, workers,
--       interactive backlog and its tokens
-- ARGV  ticket template, ms without a beat after which a process is not live, ms after which a ticket that later ones
--       have overtaken is lost, most lost tickets to send again, ms until the next sweep
-- Returns  the numbers of tickets sent again because a process died, and because a ticket was lost
local LINE, SWEPT, RESENT, WORKERS, BACKLOG, BACKLOG_TOKENS = unpack(KEYS, FIRST)
if not redis.call('SET', SWEPT, 1, 'NX', 'PX', ARGV[5]) then return {0, 0} end
local template, patience, lost, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local died, lost_tickets = 0, 0

-- Synchronous texts past their deadline. A claim removes them too, but the next claim may be far away.
for _, late in ipairs(redis.call('ZRANGEBYSCORE', BACKLOG, '-inf', now)) do
  redis.call('DECRBY', BACKLOG_TOKENS, string.match(late, '^%d+'))
  redis.call('ZREM', BACKLOG, late)
end

local function resend(member, suspect)
  local id, chunk = string.match(member, '^(.*):(%d+)$')
  local job = job_key(id)
  local status = redis.call('HGET', job, 'status')
  if not status or is_final(status) or redis.call('HEXISTS', job .. ':texts', chunk) == 0 then
    redis.call('ZREM', WAITING, member)
    return 0
  end
  if suspect then redis.call('HSET', job, 'suspect:' .. chunk, 1) end
  send(id, tonumber(chunk), template)
  return 1
end

-- Chunks whose process has died, or has not finished within its lease.
local live = {}
local workers = redis.call('HGETALL', WORKERS)
for i = 1, #workers, 2 do
  if now - cjson.decode(workers[i + 1]).beat <= patience then live[workers[i]] = true end
end
local running = redis.call('HGETALL', RUNNING)
for i = 1, #running, 2 do
  local run = cjson.decode(running[i + 1])
  if run['until'] <= now or not live[run.process] then
    redis.call('HDEL', RUNNING, running[i])
    died = died + resend(running[i], true)
  end
end

-- Lost tickets: no worker has begun them, although one has begun a later ticket or the queue is empty.
local line = tonumber(redis.call('GET', LINE) or 0)
local ended = redis.call('LLEN', QUEUE) == 0
local overdue = redis.call('ZRANGEBYSCORE', WAITING, '-inf', whole(micros - lost * 1000), 'WITHSCORES', 'LIMIT', 0, most)
for i = 1, #overdue, 2 do
  if ended or tonumber(overdue[i + 1]) < line then lost_tickets = lost_tickets + resend(overdue[i], false) end
end
if died + lost_tickets > 0 then
  redis.call('HINCRBY', RESENT, 'died', died)
  redis.call('HINCRBY', RESENT, 'lost', lost_tickets)
end
return {died, lost_tickets}
