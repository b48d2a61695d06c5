-- Read how much work is unfinished, for metrics and statistics; changes nothing.
--
-- KEYS  interactive: backlog, backlog tokens, queue; bulk: backlog tokens, queue, chunks waiting;
--       open jobs, numbers of tickets sent again
-- Returns  {interactive: tokens, texts, messages, ms until the first deadline or -1; bulk: tokens, chunks, messages, µs
--           since the first ticket was sent or -1; number of open jobs; numbers of tickets sent again}
local clock = redis.call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)

-- Texts past their deadline do not count, although they stay in the backlog until the next claim or sweep.
local tokens = tonumber(redis.call('GET', KEYS[2]) or 0)
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  tokens = tokens - tonumber(string.match(member, '^%d+'))
end
local soonest = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local first = redis.call('ZRANGE', KEYS[6], 0, 0, 'WITHSCORES')
return {
  tokens, redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf'), redis.call('LLEN', KEYS[3]),
  soonest[2] and tonumber(soonest[2]) - now or -1,
  tonumber(redis.call('GET', KEYS[4]) or 0), redis.call('ZCARD', KEYS[6]), redis.call('LLEN', KEYS[5]),
  first[2] and micros - tonumber(first[2]) or -1,
  redis.call('ZCARD', KEYS[7]), redis.call('HGETALL', KEYS[8]),
}
