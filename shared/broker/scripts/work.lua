-- Read how much work is unfinished, for those who watch. Changes nothing.
--
-- KEYS  interactive: backlog, backlog tokens, queue; bulk: backlog tokens, queue, chunks in the line;
--       open jobs, chunks sent again
-- Returns  {interactive: tokens, texts, messages, ms until the first deadline or -1;
--           bulk: tokens, chunks, messages, µs since the first was sent or -1; open jobs; what was sent again}
local clock = redis.call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)

-- What nobody waits for any longer is no backlog, though the next claim has yet to clear it away.
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
