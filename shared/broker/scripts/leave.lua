-- Delete a worker's entry from the registry, so that no API process counts on it any longer.
--
-- KEYS  workers
-- ARGV  events channel, id
redis.call('HDEL', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[1], ARGV[2])
