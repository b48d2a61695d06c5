-- Cancel a job: its waiting chunks never run, later results are dropped, and earlier results stay readable.
--
-- KEYS  see _jobs.lua
-- ARGV  id, ms to keep it
-- Returns  1, or 0 when it had ended before (a canceled one stays canceled)
local status = redis.call('HGET', job_key(ARGV[1]), 'status')
if not status or is_final(status) then return 0 end
settle(ARGV[1], 'canceled', tonumber(ARGV[2]))
return 1
