{{- /* What no schema can say: values that are right one by one, and wrong together. */ -}}
{{- define "app.refusals" -}}
{{- $v := .Values -}}
{{- if and $v.webhookURL $v.webhookURLSecretName }}
{{- fail "webhookURL and webhookURLSecretName are both set: give one of them" }}
{{- end }}
{{- if and $v.webhookTemplate $v.webhookTemplateConfigMapName }}
{{- fail "webhookTemplate and webhookTemplateConfigMapName are both set: give one of them" }}
{{- end }}
{{- if ne (empty $v.webhookTemplateConfigMapName) (empty $v.webhookTemplateConfigMapKey) }}
{{- fail "webhookTemplateConfigMapName and webhookTemplateConfigMapKey are needed together" }}
{{- end }}
{{- if and $v.enablePrometheusServer $v.enableProbesServer (eq (int $v.prometheusServerPort) (int $v.probesServerPort)) }}
{{- fail (printf "prometheusServerPort and probesServerPort are both %d: give each its own" (int $v.probesServerPort)) }}
{{- end }}
{{- if and (not $v.enablePrometheusServer) (or $v.podMonitor.create $v.serviceMonitor.create) }}
{{- fail "podMonitor.create and serviceMonitor.create need enablePrometheusServer=true: there is nothing to scrape" }}
{{- end }}
{{- end }}
