-- Take a worker off the list at once, so that nobody waits for it.
--
-- KEYS  workers
-- ARGV  events channel, id
redis.call('HDEL', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[1], ARGV[2])
