-- Send chunks again that make no progress, and forget what nobody waits for: run by every worker once a second, done by
-- one of them.
--
-- KEYS  see _jobs.lua
-- ARGV  ticket template, ms after which a silent process is no longer live, ms after which a ticket that the line has
--       passed is lost, most to send again, ms until the next sweep
-- Returns  the number of tickets that were sent again because their process died, and because they were lost
if not redis.call('SET', prefix .. 'jobs:swept', 1, 'NX', 'PX', ARGV[5]) then return {0, 0} end
local template, patience, lost, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local died, lost_tickets = 0, 0

-- Synchronous texts whose deadline has passed. A claim clears them away as well, but none may come for a long time.
local backlog = prefix .. 'backlog:interactive'
for _, late in ipairs(redis.call('ZRANGEBYSCORE', backlog, '-inf', now)) do
  redis.call('DECRBY', backlog .. ':tokens', string.match(late, '^%d+'))
  redis.call('ZREM', backlog, late)
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

-- Chunks whose process has died or is stuck.
local live = {}
local workers = redis.call('HGETALL', prefix .. 'workers')
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

-- Tickets that were lost: the line has moved past them, or has ended, and nobody has begun them.
local line = tonumber(redis.call('GET', prefix .. 'jobs:line') or 0)
local ended = redis.call('LLEN', queue) == 0
local overdue = redis.call('ZRANGEBYSCORE', WAITING, '-inf', whole(micros - lost * 1000), 'WITHSCORES', 'LIMIT', 0, most)
for i = 1, #overdue, 2 do
  if ended or tonumber(overdue[i + 1]) < line then lost_tickets = lost_tickets + resend(overdue[i], false) end
end
if died + lost_tickets > 0 then
  redis.call('HINCRBY', prefix .. 'jobs:resent', 'died', died)
  redis.call('HINCRBY', prefix .. 'jobs:resent', 'lost', lost_tickets)
end
return {died, lost_tickets}
