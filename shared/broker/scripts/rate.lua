-- Take a token out of a client's bucket, which gains tokens at a steady rate up to its size.
--
-- KEYS  the bucket
-- ARGV  tokens a second, size
-- Returns  {1 if there was a token, whole tokens left, ms until the next token, ms until the bucket is full}
local rate, size = tonumber(ARGV[1]) / 1000, tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local fields = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(size, (tonumber(fields[1]) or size) + math.max(0, now - (tonumber(fields[2]) or now)) * rate)
local allowed = tokens >= 1
if allowed then tokens = tokens - 1 end
local full = math.ceil((size - tokens) / rate)
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
redis.call('PEXPIRE', KEYS[1], full + 1000)
return {allowed and 1 or 0, math.floor(tokens), math.max(0, math.ceil((1 - tokens) / rate)), full}
