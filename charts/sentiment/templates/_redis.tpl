{{- define "sentiment.redisSecret" -}}
{{- $part := index .root.Values .part -}}
{{- default (printf "%s-%s" (include "sentiment.fullname" .root) .part) $part.existingSecret -}}
{{- end -}}

{{/* Names of the users of the chart's own Redis, with spaces between. Takes root and part. */}}
{{- define "sentiment.redisUsers" -}}
{{- if include "sentiment.redisHasUsers" . }}api worker{{ eq .part "broker" | ternary " flower" "" }}{{ end }}
{{- eq .part "broker" | ternary " keda" "" }}
{{- end -}}

{{/* Whether each part is a user of its own; not if an existing secret has but one password. Takes root and part. */}}
{{- define "sentiment.redisHasUsers" -}}
{{- $own := index .root.Values .part -}}
{{- if ternary $own.existingSecretUsers $own.internal (ne $own.existingSecret "") }}yes{{ end }}
{{- end -}}

{{/* The variables that tell where a Redis is. Takes root, part (broker or cache) and user (api, worker or flower). */}}
{{- define "sentiment.redisUrl" -}}
{{- $own := index .root.Values .part -}}
{{- $secret := include "sentiment.redisSecret" . -}}
{{- $user := ternary .user "" (ne (include "sentiment.redisHasUsers" .) "") -}}
{{- $before := ternary (printf "%s-" $user) "" (ne $user "") -}}
{{- if $own.internal }}
- name: {{ upper .part }}_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ $secret | quote }}, key: {{ $before }}password}
- name: SENTIMENT_{{ upper .part }}_URL
  {{- if and (eq .part "broker") (include "sentiment.failover" .root) }}
  value: redis+sentinel://{{ $user }}:$(BROKER_PASSWORD)@{{ include "sentiment.brokerSentinels" .root }}/0?master=sentiment&sentinel_user={{ $user }}&sentinel_password=$(BROKER_PASSWORD)
  {{- else }}
  value: redis://{{ $user }}:$({{ upper .part }}_PASSWORD)@{{ include "sentiment.fullname" .root }}-{{ .part }}.{{ .root.Release.Namespace }}.svc:6379/0
  {{- end }}
{{- else }}
- name: SENTIMENT_{{ upper .part }}_URL
  valueFrom:
    secretKeyRef: {name: {{ $secret | quote }}, key: {{ $before }}url}
{{- end }}
{{- end -}}

{{/* Its port. Takes root and part. */}}
{{- define "sentiment.redisPort" -}}
{{- $own := index .root.Values .part -}}
{{- if $own.internal -}}
6379
{{- else -}}
{{- regexFind ":[0-9]+$" (urlParse (default "" $own.url)).host | trimPrefix ":" | default $own.port -}}
{{- end -}}
{{- end -}}
