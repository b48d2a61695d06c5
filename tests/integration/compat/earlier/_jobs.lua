-- What the scripts that move jobs on have in common; put in front of each of them.
--
-- A job is a hash (owner, status, total, done, failed, chunks, next, weight, tokens, created, started, completed, expires,
-- idempotency, and "suspect:<chunk>" for a chunk that did not survive a run) with its texts and results beside it.
-- A chunk is unsent (its number is not below `next`), waiting (a ticket is in the queue), running (a process holds it
-- under a lease) or done (its texts are gone). A ticket is a Celery message that names a job and a chunk; a ticket too
-- many is dropped by start, a lost one is replaced by sweep, so the queue may lose and repeat as it likes.
--
-- KEYS[1]  "<namespace>:"; the names below are those of shared/broker/keys.py
-- KEYS[2]  the bulk queue
local prefix, queue = KEYS[1], KEYS[2]
local WAITING, RUNNING = prefix .. 'jobs:waiting', prefix .. 'jobs:running'
local clock = redis.call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)

local function whole(number) return string.format('%.0f', number) end

local function job_key(id) return prefix .. 'job:' .. id end

local function is_final(status) return status ~= 'queued' and status ~= 'processing' end

-- An event is the job's id, with "." behind it when the job has ended.
local function tell(id, ended) redis.call('PUBLISH', prefix .. 'jobs:events', id .. (ended and '.' or '')) end

-- Put a ticket at the end of the line; its name ends with the time, so that start can tell how far the line has come.
local function send(id, chunk, template)
  local ticket = id .. '-' .. chunk .. '-' .. redis.call('INCR', prefix .. 'jobs:tickets') .. '-' .. whole(micros)
  local names = {JOB = id, CHUNK = tostring(chunk), TICKET = ticket}
  redis.call('LPUSH', queue, (string.gsub(template, '@(%u+)@', names)))
  redis.call('ZADD', WAITING, whole(micros), id .. ':' .. chunk)
end

-- End a job: keep record and results for a while, forget the texts and what counted on them.
local function settle(id, status, keep)
  local job = job_key(id)
  local fields = redis.call('HMGET', job, 'weight', 'tokens', 'idempotency')
  redis.call('HSET', job, 'status', status, 'completed', now, 'expires', now + keep, 'weight', 0, 'tokens', 0)
  redis.call('DECRBY', prefix .. 'jobs:bytes', fields[1])
  redis.call('DECRBY', prefix .. 'backlog:bulk:tokens', fields[2])
  redis.call('ZREM', prefix .. 'jobs:open', id)
  redis.call('DEL', job .. ':texts')
  redis.call('PEXPIRE', job, keep)
  redis.call('PEXPIRE', job .. ':results', keep)
  if fields[3] and fields[3] ~= '' then redis.call('PEXPIRE', fields[3], keep) end
  tell(id, true)
end
