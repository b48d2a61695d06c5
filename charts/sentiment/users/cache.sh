# Written by `make users` from shared/broker/access.py.
cat <<END
user api on >$API_PASSWORD resetchannels -@all ~*:answer:* ~*:quota:* ~*:stats:1 +ping +select +info +mget +eval +evalsha +time +hget +hmget +hset +pexpire
user worker on >$WORKER_PASSWORD resetchannels -@all ~*:answer:* +ping +select +info +mget +set
END
