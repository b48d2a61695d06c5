{{/* Whether the chart installs a broker that fails over: "true" or nothing. */}}
{{- define "sentiment.failover" -}}
{{- if and .Values.broker.internal (eq .Values.broker.mode "sentinel") -}}true{{- end -}}
{{- end -}}

{{/* Hosts of its three pods, joined by spaces. */}}
{{- define "sentiment.brokerHosts" -}}
{{- $hosts := list -}}
{{- range $i := until 3 -}}
{{- $name := printf "%s-broker" (include "sentiment.fullname" $) -}}
{{- $hosts = append $hosts (printf "%s-%d.%s-nodes.%s.svc" $name $i $name $.Release.Namespace) -}}
{{- end -}}
{{- join " " $hosts -}}
{{- end -}}

{{/* Its Sentinels as host:port, joined by commas. */}}
{{- define "sentiment.brokerSentinels" -}}
{{- printf "%s:26379" (include "sentiment.brokerHosts" . | replace " " ":26379,") -}}
{{- end -}}

{{/* Scripts of the pods, beside those of every Redis. */}}
{{- define "sentiment.sentinelConfig" -}}
primary.sh: |
  # The primary: by the Sentinel of another pod, else by the last change that this pod's Sentinel has seen, else the first
  # pod. `sentinel` is the pod whose Sentinel has answered.
  primary= sentinel=
  is_host() { case " $HOSTS " in *" $1 "*) return 0;; esac; return 1; }
  ask() { timeout 2 redis-cli -h "$1" -p 26379 sentinel "$2" sentiment 2>/dev/null; }
  for host in $HOSTS; do
    if [ "$host" != "$SELF" ] && ! is_host "$primary"; then
      sentinel=$host primary=$(ask "$host" get-master-addr-by-name | head -n 1)
    fi
  done
  is_host "$primary" || { sentinel=; primary=$(cat /data/primary 2>/dev/null); }
  is_host "$primary" || primary=${HOSTS%% *}
  # A primary that is back before it was missed has another address, under which its replicas find it only after seconds.
  # So it lets one of them take over, if the Sentinel knows any, and waits for that, but not for ever. Its own Sentinel
  # waits too: without knowledge of the replicas, it would be chosen to lead, and give up.
  let_another_take_over() {
    for second in $(seq {{ add .Values.broker.sentinel.downAfterSeconds 5 }}); do
      if [ "$sentinel" ] && [ "$primary" = "$SELF" ] && ask "$sentinel" replicas | grep -qx name; then
        sleep 1
        . /etc/redis/primary.sh
      fi
    done
  }
moved.sh: |
  #!/bin/sh
  # Called by the Sentinel after a failover, with the new primary as the sixth argument.
  echo "$6" > /data/primary
sentinel.sh: |
  . /etc/redis/primary.sh
  let_another_take_over
  # The Sentinel ends if it cannot look its primary up.
  until getent ahosts "$primary" > /dev/null; do sleep 1; done
  echo "$primary" > /data/primary
  # The file has passwords, and the Sentinel rewrites it, so it is in memory. A Sentinel must keep its id when its pod is
  # replaced: others never forget an id, and count it.
  cat > /run/sentinel/sentinel.conf <<END
  port 26379
  dir /run/sentinel
  requirepass $REDISCLI_AUTH
  user keda on >$KEDA_PASSWORD resetchannels &+switch-master -@all +ping +hello +client|setname +subscribe
  {{- range $what := list "get-master-addr-by-name" "sentinels" "replicas" }} +sentinel|{{ $what }}{{ end }}
  {{- range $user := without (include "sentiment.redisUsers" (dict "root" . "part" "broker") | splitList " " | compact) "keda" }}
  user {{ $user }} on >${{ upper $user }}_PASSWORD resetchannels -@all +ping +sentinel|masters
  {{- end }}
  sentinel myid $(printf %s "$SELF" | sha1sum | cut -c 1-40)
  sentinel resolve-hostnames yes
  sentinel announce-hostnames yes
  sentinel announce-ip $SELF
  sentinel sentinel-pass $REDISCLI_AUTH
  sentinel monitor sentiment $primary 6379 2
  sentinel auth-pass sentiment $REDISCLI_AUTH
  sentinel down-after-milliseconds sentiment {{ mul .Values.broker.sentinel.downAfterSeconds 1000 }}
  sentinel failover-timeout sentiment {{ mul .Values.broker.sentinel.downAfterSeconds 2000 }}
  sentinel parallel-syncs sentiment 1
  sentinel client-reconfig-script sentiment /etc/redis/moved.sh
  END
  exec redis-server /run/sentinel/sentinel.conf --sentinel
{{- end -}}
