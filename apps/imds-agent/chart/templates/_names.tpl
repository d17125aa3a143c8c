{{- /* Generated from tools/checks/charts/shared/templates/_names.tpl: change it there. */ -}}
{{- define "imds-agent.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "imds-agent.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "imds-agent.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "imds-agent.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "imds-agent.selectorLabels" -}}
app.kubernetes.io/name: {{ include "imds-agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "imds-agent.ownLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "imds-agent.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: node-termination-handler
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "imds-agent.labels" -}}
{{- toYaml (merge (include "imds-agent.ownLabels" . | fromYaml) (.Values.customLabels | default dict)) -}}
{{- end }}

{{- /* The labels of one object, whoever names one first: (dict "root" $ "own" {of this object alone} "more" [those of the user, most special first]). No name comes twice. */ -}}
{{- define "imds-agent.labelsWith" -}}
{{- $labels := merge (deepCopy .own) (include "imds-agent.selectorLabels" .root | fromYaml) -}}
{{- range .more -}}{{- $labels = merge $labels (. | default dict) -}}{{- end -}}
{{- toYaml (merge $labels (include "imds-agent.labels" .root | fromYaml)) -}}
{{- end }}

{{- /* Objects of the whole cluster: two releases of one name may live in two namespaces. No namespace has a dot in its name. */ -}}
{{- define "imds-agent.clusterName" -}}
{{- printf "%s.%s" (include "imds-agent.fullname" .) .Release.Namespace -}}
{{- end }}

{{- define "imds-agent.serviceAccountName" -}}
{{- if include "imds-agent.isOn" (.Values.serviceAccount).create -}}
{{- (.Values.serviceAccount).name | default (include "imds-agent.fullname" .) -}}
{{- else -}}
{{- (.Values.serviceAccount).name | default "default" -}}
{{- end -}}
{{- end }}

{{- /* A digest names one image for ever; the tag beside it is for people. */ -}}
{{- define "imds-agent.image" -}}
{{- $image := .Values.image | default dict -}}
{{- $tagged := printf "%s:%s" (toString $image.repository) (toString ($image.tag | default .Chart.AppVersion)) -}}
{{- if $image.digest -}}{{ printf "%s@%s" $tagged $image.digest }}{{- else -}}{{ $tagged }}{{- end -}}
{{- end }}
