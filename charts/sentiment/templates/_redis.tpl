{{- define "sentiment.redisSecret" -}}
{{- $part := index .root.Values .part -}}
{{- default (printf "%s-%s" (include "sentiment.fullname" .root) .part) $part.existingSecret -}}
{{- end -}}

{{/* The variables that tell where a Redis is. Takes root and part (broker or cache). */}}
{{- define "sentiment.redisUrl" -}}
{{- $own := index .root.Values .part -}}
{{- $secret := include "sentiment.redisSecret" . -}}
{{- if $own.internal }}
- name: {{ upper .part }}_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ $secret | quote }}, key: password}
- name: SENTIMENT_{{ upper .part }}_URL
  {{- if and (eq .part "broker") (include "sentiment.failover" .root) }}
  value: redis+sentinel://:$(BROKER_PASSWORD)@{{ include "sentiment.brokerSentinels" .root }}/0?master=sentiment&sentinel_password=$(BROKER_PASSWORD)
  {{- else }}
  value: redis://:$({{ upper .part }}_PASSWORD)@{{ include "sentiment.fullname" .root }}-{{ .part }}.{{ .root.Release.Namespace }}.svc:6379/0
  {{- end }}
{{- else }}
- name: SENTIMENT_{{ upper .part }}_URL
  valueFrom:
    secretKeyRef: {name: {{ $secret | quote }}, key: url}
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
