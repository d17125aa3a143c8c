{{- define "app.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "app.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "app.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "app.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "app.selectorLabels" -}}
app.kubernetes.io/name: {{ include "app.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "app.ownLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "app.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: node-termination-handler
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "app.labels" -}}
{{- toYaml (merge (include "app.ownLabels" . | fromYaml) (.Values.customLabels | default dict)) -}}
{{- end }}

{{- /* The labels of one object, whoever names one first: (dict "root" $ "own" {of this object alone} "more" [those of the user, most special first]). No name comes twice. */ -}}
{{- define "app.labelsWith" -}}
{{- $labels := merge (deepCopy .own) (include "app.selectorLabels" .root | fromYaml) -}}
{{- range .more -}}{{- $labels = merge $labels (. | default dict) -}}{{- end -}}
{{- toYaml (merge $labels (include "app.labels" .root | fromYaml)) -}}
{{- end }}

{{- /* Objects of the whole cluster: two releases of one name may live in two namespaces. No namespace has a dot in its name. */ -}}
{{- define "app.clusterName" -}}
{{- printf "%s.%s" (include "app.fullname" .) .Release.Namespace -}}
{{- end }}

{{- define "app.serviceAccountName" -}}
{{- if include "app.isOn" (.Values.serviceAccount).create -}}
{{- (.Values.serviceAccount).name | default (include "app.fullname" .) -}}
{{- else -}}
{{- (.Values.serviceAccount).name | default "default" -}}
{{- end -}}
{{- end }}

{{- /* A digest names one image for ever; the tag beside it is for people. */ -}}
{{- define "app.image" -}}
{{- $image := .Values.image | default dict -}}
{{- $tagged := printf "%s:%s" (toString $image.repository) (toString ($image.tag | default .Chart.AppVersion)) -}}
{{- if $image.digest -}}{{ printf "%s@%s" $tagged $image.digest }}{{- else -}}{{ $tagged }}{{- end -}}
{{- end }}
