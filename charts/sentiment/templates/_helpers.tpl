{{- define "sentiment.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "sentiment.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 30 | trimSuffix "-" -}}
{{- else if contains (include "sentiment.name" .) .Release.Name -}}
{{- .Release.Name | trunc 30 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "sentiment.name" .) | trunc 30 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects pods, and never changes. Takes root and component. */}}
{{- define "sentiment.selector" -}}
app.kubernetes.io/name: {{ include "sentiment.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "sentiment.labels" -}}
{{ include "sentiment.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* Takes root and image (what may be overridden and by what: a list of maps, the first that says something wins). */}}
{{- define "sentiment.image" -}}
{{- $repository := "" -}}{{- $tag := "" -}}{{- $digest := "" -}}
{{- range .images -}}
{{- if and (not $repository) .repository -}}{{- $repository = .repository -}}{{- end -}}
{{- if and (not $tag) (not $digest) -}}{{- $tag = .tag -}}{{- $digest = .digest -}}{{- end -}}
{{- end -}}
{{- if $digest -}}{{ $repository }}@{{ $digest }}{{- else -}}{{ $repository }}:{{ default .root.Chart.AppVersion $tag }}{{- end -}}
{{- end -}}

{{- define "sentiment.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if and .root.Values.spread .spread }}
topologySpreadConstraints:
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels: {{- include "sentiment.selector" $ | nindent 8 }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "sentiment.container" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "sentiment.redisSecret" -}}
{{- $part := index .root.Values .part -}}
{{- default (printf "%s-%s" (include "sentiment.fullname" .root) .part) $part.existingSecret -}}
{{- end -}}

{{/* How a part of ours finds both Redis, and its settings. Takes root, service (its name) and settings. */}}
{{- define "sentiment.environment" -}}
{{- range $part := list "broker" "cache" }}
- name: SENTIMENT_{{ upper $part }}_URL
  valueFrom:
    secretKeyRef: {name: {{ include "sentiment.redisSecret" (dict "root" $.root "part" $part) }}, key: url}
{{- end }}
- name: SENTIMENT_NAMESPACE
  value: {{ .service | quote }}
{{- range $name, $value := merge (dict) .settings .root.Values.settings }}
- name: SENTIMENT_{{ upper $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Waits for both Redis's names and connections, with the image of the part itself. */}}
{{- define "sentiment.wait" -}}
- name: wait-for-redis
  image: {{ .image }}
  imagePullPolicy: {{ .root.Values.images.pullPolicy }}
  command: [python, -m, shared.wait]
  env: {{- include "sentiment.environment" . | nindent 4 }}
  securityContext: {{- include "sentiment.container" . | nindent 4 }}
  resources:
    requests: {cpu: 10m, memory: 64Mi}
    limits: {cpu: 500m, memory: 128Mi}
{{- end -}}

{{/* A service's values: what it says over the defaults. Takes root and service (its name); gives YAML. */}}
{{- define "sentiment.service" -}}
{{- $own := index .root.Values.services .service | default (dict) -}}
{{- mustMergeOverwrite (deepCopy .root.Values.serviceDefaults) $own | toYaml -}}
{{- end -}}
