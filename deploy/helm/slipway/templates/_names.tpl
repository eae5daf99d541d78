{{- define "slipway.name" -}}
{{- if contains "slipway" .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-slipway" .Release.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "slipway.selector" -}}
app.kubernetes.io/name: slipway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "slipway.labels" -}}
{{ include "slipway.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "slipway.secret" -}}
{{ .Values.tokens.existingSecret | default (include "slipway.name" .) }}
{{- end }}

{{/* Whether catalog and archives lie where several servers reach them; empty: not. */}}
{{- define "slipway.isGroup" -}}
{{- if and .Values.database.existingSecret (has (.Values.settings.STORAGE | default "filesystem") (list "aws" "gcs" "azure")) -}}
true
{{- end -}}
{{- end -}}
