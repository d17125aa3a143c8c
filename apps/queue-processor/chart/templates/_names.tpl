{{- /* Generated from tools/checks/charts/shared/templates/_names.tpl: change it there. */ -}}
{{- define "queue-processor.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "queue-processor.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "queue-processor.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "queue-processor.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "queue-processor.selectorLabels" -}}
app.kubernetes.io/name: {{ include "queue-processor.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "queue-processor.ownLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "queue-processor.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: node-termination-handler
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "queue-processor.labels" -}}
{{- toYaml (merge (include "queue-processor.ownLabels" . | fromYaml) (.Values.customLabels | default dict)) -}}
{{- end }}

{{- /* The labels of one object, whoever names one first: (dict "root" $ "own" {of this object alone} "more" [those of the user, most special first]). No name comes twice. */ -}}
{{- define "queue-processor.labelsWith" -}}
{{- $labels := merge (deepCopy .own) (include "queue-processor.selectorLabels" .root | fromYaml) -}}
{{- range .more -}}{{- $labels = merge $labels (. | default dict) -}}{{- end -}}
{{- toYaml (merge $labels (include "queue-processor.labels" .root | fromYaml)) -}}
{{- end }}

{{- /* Objects of the whole cluster: two releases of one name may live in two namespaces. No namespace has a dot in its name. */ -}}
{{- define "queue-processor.clusterName" -}}
{{- printf "%s.%s" (include "queue-processor.fullname" .) .Release.Namespace -}}
{{- end }}

{{- define "queue-processor.serviceAccountName" -}}
{{- if include "queue-processor.isOn" (.Values.serviceAccount).create -}}
{{- (.Values.serviceAccount).name | default (include "queue-processor.fullname" .) -}}
{{- else -}}
{{- (.Values.serviceAccount).name | default "default" -}}
{{- end -}}
{{- end }}

{{- /* A digest names one image for ever; the tag beside it is for people. */ -}}
{{- define "queue-processor.image" -}}
{{- $image := .Values.image | default dict -}}
{{- $tagged := printf "%s:%s" (toString $image.repository) (toString ($image.tag | default .Chart.AppVersion)) -}}
{{- if $image.digest -}}{{ printf "%s@%s" $tagged $image.digest }}{{- else -}}{{ $tagged }}{{- end -}}
{{- end }}
