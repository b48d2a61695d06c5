{{/*
The APIs alone are in the mesh. Whoever talks to Redis talks plainly, KEDA and init containers too, and workers answer
nobody but Prometheus. Takes root and mesh (whether a pod is one of those in it); gives labels and annotations.
*/}}
{{- define "sentiment.mesh" -}}
{{- $istio := .root.Values.istio -}}
{{- $mesh := default false .mesh -}}
{{- $sidecar := and $mesh (eq $istio.dataPlane "sidecar") -}}
{{- if $istio.enabled -}}
labels:
  sidecar.istio.io/inject: {{ $sidecar | quote }}
  istio.io/dataplane-mode: {{ ternary "ambient" "none" (and $mesh (not $sidecar)) }}
{{- if $sidecar }}
annotations:
  # A proxy that starts before the init containers and stops after the API.
  sidecar.istio.io/nativeSidecar: "true"
  traffic.sidecar.istio.io/excludeOutboundPorts: {{ include "sentiment.redisPorts" .root | quote }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Ports of both Redis, joined by commas. */}}
{{- define "sentiment.redisPorts" -}}
{{- $broker := include "sentiment.redisPort" (dict "root" . "part" "broker") -}}
{{- $cache := include "sentiment.redisPort" (dict "root" . "part" "cache") -}}
{{- $sentinels := ternary (list "26379") list (eq .Values.broker.mode "sentinel") -}}
{{- concat (list $broker $cache) $sentinels | uniq | join "," -}}
{{- end -}}
