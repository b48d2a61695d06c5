-- The shared beginning of all scripts of jobs; its text stands in front of theirs.
--
-- A job is a hash (owner, status, total, done, failed, chunks, next, weight, tokens, created, started, completed, expires,
-- idempotency, trace if it is traced, and "suspect:<chunk>" for a chunk that did not survive a run) with its texts and
-- results beside it.
-- A chunk is unsent (its number is not below `next`), waiting (a ticket is in the queue), running (a process holds it
-- under a lease) or done (its texts are deleted). A ticket is a Celery message that names a job and a chunk. job_start.lua
-- drops a second ticket of a chunk, and job_sweep.lua replaces a lost one, so the queue may lose or repeat messages.
--
-- KEYS  prefix of a job's key, bulk queue, chunks waiting, chunks running, open jobs, bytes of unfinished jobs, backlog
--       tokens of the bulk lane, number of tickets, channel of job events; then the script's own, from FIRST on
local PREFIX, QUEUE, WAITING, RUNNING, OPEN, BYTES, TOKENS, TICKETS, EVENTS = unpack(KEYS)
local FIRST = 10
local clock = redis.call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)

local function whole(number) return string.format('%.0f', number) end

local function job_key(id) return PREFIX .. id end

local function is_final(status) return status ~= 'queued' and status ~= 'processing' end

-- An event is the job's id, with "." behind it when the job has ended.
local function tell(id, ended) redis.call('PUBLISH', EVENTS, id .. (ended and '.' or '')) end

-- Put a ticket at the end of the queue. Its name ends with the time, from which job_start.lua knows how far the queue has
-- been worked through.
local function send(id, chunk, template)
  local ticket = id .. '-' .. chunk .. '-' .. redis.call('INCR', TICKETS) .. '-' .. whole(micros)
  local names = {JOB = id, CHUNK = tostring(chunk), TICKET = ticket}
  redis.call('LPUSH', QUEUE, (string.gsub(template, '@(%u+)@', names)))
  redis.call('ZADD', WAITING, whole(micros), id .. ':' .. chunk)
end

-- End a job: let record and results expire, delete the texts, and subtract them from all counters.
local function settle(id, status, keep)
  local job = job_key(id)
  local fields = redis.call('HMGET', job, 'weight', 'tokens', 'idempotency')
  redis.call('HSET', job, 'status', status, 'completed', now, 'expires', now + keep, 'weight', 0, 'tokens', 0)
  redis.call('DECRBY', BYTES, fields[1])
  redis.call('DECRBY', TOKENS, fields[2])
  redis.call('ZREM', OPEN, id)
  redis.call('DEL', job .. ':texts')
  redis.call('PEXPIRE', job, keep)
  redis.call('PEXPIRE', job .. ':results', keep)
  if fields[3] and fields[3] ~= '' then redis.call('PEXPIRE', fields[3], keep) end
  tell(id, true)
end
