-- Claim texts for one API process, or find the process that has claimed them: one step for the texts of several requests.
--
-- A claim is a hash: until (ms, broker's clock), tokens, holder (the channel of the process that has claimed it, empty once
-- it is sent), started (1 once a worker runs it; it outlives a lease that ends without a result, for the run may have
-- killed its process), begun (the same mark, set by `_queue.lua`), result (once finished), inference (the trace context of
-- the inference, if it is traced), and a field "w:<channel>" for each process that waits.
-- Until a text is sent, its lease is short, so that it is free soon if its claimer dies; the claimer claims it again before
-- the lease ends. `send.lua` extends the lease to the text's deadline.
--
-- If the caller sends messages along, they are queued by `_queue.lua` when all texts are granted, which saves a call of
-- `send.lua`. The messages have deadlines that the caller has computed from its idea of this clock; if that is wrong,
-- nothing is queued.
--
-- KEYS  backlog, backlog tokens, the queue, then a claim for each text, and if there are messages, the tries of each text
-- ARGV  reply channel, lease in ms, number of groups, number of messages, the caller's idea of this clock (ms), ms for which
--       the mark of a run stays, the messages,
--       then a group (the texts of one request): count, and the most tokens that may be waiting with it included,
--       then a text: key, tokens, budget in ms, and after all texts, if any is traced, the trace context of the inference
--       of each ("" if it is not traced)
-- Returns  {now, backlog tokens, state of each text, inferences, 1 if the messages were queued}; a state is an encoded result (string), CLAIMED (-1: the
--       caller must send it), REFUSED (-2: its group finds the backlog too deep), or the milliseconds (>= 0)
--       for which another process has it; inferences has the index (from 0) of each text that another process has and
--       that is traced, followed by the trace context of its inference.
local CLAIMED, REFUSED, FREE = -1, -2, -3
local LARGEST_ERROR = 100 -- ms

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local waiter, lease, groups = 'w:' .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local messages, assumed, remembered = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local texts = messages > 0 and (#KEYS - 3) / 2 or #KEYS - 3

-- Texts past their deadline leave the backlog, whether or not a worker has begun them.
local backlog = tonumber(redis.call('GET', KEYS[2]) or 0)
local expired = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)
if #expired > 0 then
  for _, member in ipairs(expired) do
    backlog = backlog - tonumber(string.match(member, '^%d+'))
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  redis.call('SET', KEYS[2], backlog)
end

local states, inferences, ran, added = {}, {}, {}, 0

local function look(i, budget)
  local claim = KEYS[3 + i]
  local fields = redis.call('HMGET', claim, 'result', 'until', 'holder', 'inference', 'started', 'begun')
  if fields[1] then return fields[1] end
  local held = tonumber(fields[2] or 0)
  if held <= now then
    if fields[4] then redis.call('HDEL', claim, 'inference') end
    ran[i] = fields[5] or fields[6]
    return FREE
  end
  redis.call('HSET', claim, waiter, 1)
  if fields[3] == ARGV[1] then
    redis.call('HSET', claim, 'until', now + math.min(budget, lease))
    return CLAIMED
  end
  if fields[4] then
    inferences[#inferences + 1] = i - 1
    inferences[#inferences + 1] = fields[4]
  end
  return held - now
end

local function take(i, key, tokens, budget, inference)
  local claim = KEYS[3 + i]
  redis.call('HSET', claim, 'until', now + math.min(budget, lease), 'tokens', tokens, 'holder', ARGV[1], waiter, 1)
  if inference and inference ~= '' then redis.call('HSET', claim, 'inference', inference) end
  if not ran[i] then redis.call('PEXPIRE', claim, budget + 1000) end
  if redis.call('ZADD', KEYS[1], now + budget, tokens .. ':' .. key) == 1 then
    backlog, added = backlog + tokens, added + tokens
  end
end

local first_group = 7 + messages
local text, at = 0, first_group + 2 * groups
local traced = at + 3 * texts
for group = 0, groups - 1 do
  local count, most = tonumber(ARGV[first_group + 2 * group]), tonumber(ARGV[first_group + 1 + 2 * group])
  local first, need = text + 1, 0
  for i = first, first + count - 1 do
    states[i] = look(i, tonumber(ARGV[at + 3 * (i - 1) + 2]))
    if states[i] == FREE then need = need + tonumber(ARGV[at + 3 * (i - 1) + 1]) end
  end
  local fits = backlog + need <= most
  for i = first, first + count - 1 do
    if states[i] == FREE then
      if fits then
        local arg = at + 3 * (i - 1)
        take(i, ARGV[arg], tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 2]), ARGV[traced + i - 1])
        states[i] = CLAIMED
      else
        states[i] = REFUSED
      end
    end
  end
  text = text + count
end

if added > 0 then redis.call('INCRBY', KEYS[2], added) end

local sendable = messages > 0 and math.abs(now - assumed) <= LARGEST_ERROR
for i = 1, text do
  sendable = sendable and states[i] == CLAIMED
end
if sendable then
  local queued, wanted = {}, {}
  for i = 1, messages do
    queued[i] = ARGV[6 + i]
  end
  for i = 1, texts do
    local deadline = assumed + tonumber(ARGV[at + 3 * (i - 1) + 2])
    wanted[i] = {claim = KEYS[3 + i], tries = KEYS[3 + texts + i], deadline = deadline}
  end
  queue(KEYS[3], queued, wanted, now, remembered)
end
return {now, backlog, states, inferences, sendable and 1 or 0}
