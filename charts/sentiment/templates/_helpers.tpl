{{- define "sentiment.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "sentiment.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 25 | trimSuffix "-" -}}
{{- else if contains (include "sentiment.name" .) .Release.Name -}}
{{- .Release.Name | trunc 25 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "sentiment.name" .) | trunc 25 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What all pods of the release have. */}}
{{- define "sentiment.release" -}}
app.kubernetes.io/name: {{ include "sentiment.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What selects pods, and never changes. Takes root and component. */}}
{{- define "sentiment.selector" -}}
{{ include "sentiment.release" .root }}
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

{{/*
Labels and annotations of a pod; none that changes with the chart's version, or each would restart Redis.
Takes root, component, mesh (whether it is in the mesh) and checksums (annotations that restart it when they change).
*/}}
{{- define "sentiment.podMetadata" -}}
{{- $mesh := include "sentiment.mesh" . | fromYaml -}}
{{- $labels := include "sentiment.selector" . | fromYaml -}}
labels: {{- mergeOverwrite (dict) .root.Values.podLabels (default (dict) $mesh.labels) $labels | toYaml | nindent 2 }}
{{- with mergeOverwrite (dict) .root.Values.podAnnotations (default (dict) $mesh.annotations) (default (dict) .checksums) }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "sentiment.serviceAccount" -}}
{{- $account := .Values.serviceAccount -}}
{{- default (ternary (include "sentiment.fullname" .) "default" $account.create) $account.name -}}
{{- end -}}

{{/* What all pods have. Takes root, priority (the name of a class, or none), spread and for it component. */}}
{{- define "sentiment.pod" -}}
serviceAccountName: {{ include "sentiment.serviceAccount" .root | quote }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .priority }}
priorityClassName: {{ . | quote }}
{{- end }}
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

{{/* A service's values: what it says over the defaults. Takes root and service (its name); gives YAML. */}}
{{- define "sentiment.service" -}}
{{- $own := index .root.Values.services .service | default (dict) -}}
{{- $values := mustMergeOverwrite (deepCopy .root.Values.serviceDefaults) $own -}}
{{- $_ := set $values "pathPrefix" (default (printf "/%s" .service) $values.pathPrefix) -}}
{{- $values | toYaml -}}
{{- end -}}

{{/* Service → the service whose paths it shares by weight. */}}
{{- define "sentiment.sharing" -}}
{{- if .Values.gatewayApi.enabled }}
{{- range $owner, $others := .Values.gatewayApi.weights }}
{{- range $name, $_ := $others }}
{{ $name | quote }}: {{ $owner | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Path prefix → service, of all services with paths of their own. */}}
{{- define "sentiment.prefixes" -}}
{{- $sharing := include "sentiment.sharing" . | fromYaml }}
{{- range $name, $_ := .Values.services }}
{{- if not (hasKey $sharing $name) }}
{{ (include "sentiment.service" (dict "root" $ "service" $name) | fromYaml).pathPrefix }}: {{ $name }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Seconds that a synchronous request has. Takes root and service (its name). */}}
{{- define "sentiment.deadline" -}}
{{- $values := include "sentiment.service" . | fromYaml -}}
{{- dig "deadline" (dig "deadline" 1.8 .root.Values.settings) $values.api.settings -}}
{{- end -}}

{{/* What a pod reads at its start only. Secrets that are there already cannot be among it. */}}
{{- define "sentiment.checksums" -}}
checksum/redis: {{ toJson (list .Values.broker.url .Values.cache.url) | sha256sum }}
{{- end -}}

{{/* How a part of ours finds its Redis, and its settings. Takes root, service (its name), user and settings. */}}
{{- define "sentiment.environment" -}}
{{- range $part := ternary (list "broker") (list "broker" "cache") (eq .user "flower") }}
{{- include "sentiment.redisUrl" (dict "root" $.root "part" $part "user" $.user) }}
{{- end }}
{{- if .root.Values.redisCA.configMap }}
- name: SENTIMENT_REDIS_CA_FILE
  value: /etc/redis-ca/ca.crt
{{- end }}
- name: SENTIMENT_NAMESPACE
  value: {{ .service | quote }}
{{- range $name, $value := mustMergeOverwrite (deepCopy .root.Values.settings) .settings }}
{{- /* Numbers of values files are floats, which would be written as 1e+06. */}}
{{- $whole := and (kindIs "float64" $value) (eq (float64 $value) (floor $value)) }}
- name: SENTIMENT_{{ upper $name }}
  value: {{ ternary (int64 $value) $value $whole | quote }}
{{- end }}
{{- end -}}

{{- define "sentiment.apiKeys" -}}
{{- if .Values.apiKeys.existingSecret -}}
- name: SENTIMENT_API_KEYS
  valueFrom:
    secretKeyRef: {name: {{ .Values.apiKeys.existingSecret | quote }}, key: {{ .Values.apiKeys.key | quote }}}
{{- end -}}
{{- end -}}

{{/* Where a part of ours may write, and what else it reads. Takes root and size (of /tmp). */}}
{{- define "sentiment.volumes" -}}
- {name: tmp, emptyDir: {medium: Memory, sizeLimit: {{ .size }}}}
{{- with .root.Values.redisCA.configMap }}
- {name: redis-ca, configMap: {name: {{ . | quote }}, items: [{key: {{ $.root.Values.redisCA.key | quote }}, path: ca.crt}]}}
{{- end }}
{{- end -}}

{{- define "sentiment.volumeMounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if .Values.redisCA.configMap }}
- {name: redis-ca, mountPath: /etc/redis-ca, readOnly: true}
{{- end }}
{{- end -}}

{{/* Waits for both Redis's names and connections, with the image of the part itself. */}}
{{- define "sentiment.wait" -}}
- name: wait-for-redis
  image: {{ .image }}
  imagePullPolicy: {{ .root.Values.images.pullPolicy }}
  command: [python, -m, shared.wait]
  env: {{- include "sentiment.environment" . | trim | nindent 4 }}
  securityContext: {{- include "sentiment.container" . | nindent 4 }}
  resources:
    requests: {cpu: 10m, memory: 64Mi}
    limits: {cpu: 500m, memory: 128Mi}
{{- end -}}
