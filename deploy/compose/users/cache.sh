# Written by `make users` from shared/broker/access.py.
cat <<END
user api on >$API_PASSWORD resetchannels -@all ~sentiment:answer:* ~sentiment:quota:* ~sentiment:stats:1 +ping +select +info +mget +eval +evalsha +time +hget +hmget +hset +pexpire ~lab:answer:* ~lab:quota:* ~lab:stats:1
user worker on >$WORKER_PASSWORD resetchannels -@all ~sentiment:answer:* +ping +select +info +mget +set ~lab:answer:*
END
