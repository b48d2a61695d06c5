-- Write results into the ledger, each once. When the chunk is complete, send the ticket of the job's next unsent chunk.
--
-- KEYS  see _jobs.lua
-- ARGV  id, chunk, "1" if the chunk is complete with these, its weight, its tokens, ms to keep a finished job,
--       ticket template, then index, prediction or error, and head of the record ("" if it has none) of each text
-- Returns  the number of results that were new
local id, chunk, complete, template = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[7]
local member, job = id .. ':' .. chunk, job_key(id)
local fields = redis.call('HMGET', job, 'status', 'total', 'next', 'chunks')
if not fields[1] or is_final(fields[1]) then
  redis.call('HDEL', RUNNING, member)
  return 0
end
local new, failed = 0, 0
for i = 8, #ARGV, 3 do
  if redis.call('HSETNX', job .. ':results', ARGV[i], ARGV[i + 1]) == 1 then
    new = new + 1
    -- In the same hash, so that facts expire with the results even if an earlier release ends the job.
    if ARGV[i + 2] ~= '' then redis.call('HSET', job .. ':results', 'f' .. ARGV[i], ARGV[i + 2]) end
    if string.sub(ARGV[i + 1], 1, 1) == '{' then failed = failed + 1 end
  end
end
local done = redis.call('HINCRBY', job, 'done', new)
failed = redis.call('HINCRBY', job, 'failed', failed)
if complete and redis.call('HDEL', job .. ':texts', chunk) == 1 then
  redis.call('HDEL', RUNNING, member)
  redis.call('ZREM', WAITING, member)
  redis.call('HDEL', job, 'suspect:' .. chunk)
  redis.call('HINCRBY', job, 'weight', -ARGV[4])
  redis.call('HINCRBY', job, 'tokens', -ARGV[5])
  redis.call('DECRBY', BYTES, ARGV[4])
  redis.call('DECRBY', TOKENS, ARGV[5])
  if tonumber(fields[3]) < tonumber(fields[4]) then
    send(id, tonumber(fields[3]), template)
    redis.call('HINCRBY', job, 'next', 1)
  end
end
if done == tonumber(fields[2]) then
  settle(id, failed == done and 'failed' or 'succeeded', tonumber(ARGV[6]))
else
  tell(id)
end
return new
