-- Closed loop: wrk with one connection a thread, so that each thread's Lua state sees request and response in turn.
--
--     wrk -t N -c N -d 30s -s wrk.lua URL -- FOLDER
--
-- FOLDER holds what requests.js has written; N.records is written there, in the form of records.js. A thread whose
-- requests have run out stops: to send them again would turn misses into hits. The last line printed is JSON.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { uint32_t offset, length, expected, texts; } entry_t;
  typedef struct { double end_us; uint32_t latency_us; uint16_t status; uint8_t seen, expected; } record_t;
  typedef struct { long seconds, nanoseconds; } moment_t;
  int clock_gettime(int clock, moment_t *moment);
  void *calloc(size_t count, size_t bytes);
]]

local MONOTONIC = 1
local HIT, MISS, MIXED = 1, 2, 3

-- In wrk's own state, which runs setup and done.
local threads = {}

function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end

-- In each thread's state.
local requests, plan, planned, records, moment
local sent, asked, waiting, verified = 0, 0, false, true
count, exhausted = 0, 0 -- globals, for done() to get

local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment[0].seconds) * 1e6 + tonumber(moment[0].nanoseconds) / 1e3
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

local function note(time, status, seen)
  local record = records[count]
  record.end_us, record.latency_us = time, time - asked
  record.status, record.seen, record.expected = status, seen, plan[sent - 1].expected
  count = count + 1
end

function init(args)
  folder = args[1]
  requests = read(folder .. "/" .. id .. ".requests")
  plan_bytes = read(folder .. "/" .. id .. ".plan") -- a global, or it would be collected
  plan = ffi.cast("const entry_t *", plan_bytes)
  planned = #plan_bytes / ffi.sizeof("entry_t")
  moment = ffi.new("moment_t[1]")
  -- Not the collector's: done() reads it from another state. Untouched pages take no memory.
  records = ffi.cast("record_t *", ffi.C.calloc(planned + 1, ffi.sizeof("record_t")))
  address = tonumber(ffi.cast("intptr_t", records))
  verified = id > 0
end

function request()
  if not verified then -- wrk asks thread 0 for one that it only parses
    verified = true
    return requests:sub(1, plan[0].length)
  end
  if waiting and exhausted == 0 then
    note(now(), 0, 0) -- the connection was lost
  end
  if sent == planned then
    exhausted = 1
    wrk.thread:stop()
    return requests:sub(1, plan[0].length)
  end
  local entry = plan[sent]
  sent = sent + 1
  waiting = true
  local bytes = requests:sub(entry.offset + 1, entry.offset + entry.length)
  asked = now()
  return bytes
end

local function class(header)
  if header == nil then
    return 0
  elseif header:sub(-5) == "; hit" then
    return HIT
  end
  return header:find("hits=[1-9]") and MIXED or MISS
end

function response(status, headers)
  if exhausted == 0 then
    note(now(), status, class(headers["cache-status"] or headers["Cache-Status"]))
  end
  waiting = false
end

function done(summary)
  local out = 0
  for _, thread in ipairs(threads) do
    local bytes = thread:get("count") * ffi.sizeof("record_t")
    local file = assert(io.open(thread:get("folder") .. "/" .. thread:get("id") .. ".records", "wb"))
    file:write(ffi.string(ffi.cast("const char *", thread:get("address")), bytes))
    file:close()
    out = out + thread:get("exhausted")
  end
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "exhausted": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d}\n',
    summary.requests, out, errors.connect, errors.read, errors.write, errors.timeout))
end
