{{- /* Generated from tools/checks/charts/shared/templates/_environment.tpl: change it there. */ -}}
{{- /* One variable, unless the value is empty or the program's own default: (list NAME value default). */ -}}
{{- define "imds-agent.variable" -}}
{{- $value := index . 1 -}}
{{- if not (kindIs "invalid" $value) -}}
{{- /* Helm reads numbers as floats, and would print large ones as 1.728e+05. */ -}}
{{- if and (kindIs "float64" $value) (eq $value (floor $value)) -}}{{- $value = int64 $value -}}{{- end -}}
{{- $text := toString $value -}}
{{- if and (ne $text "") (ne $text (index . 2)) }}
- name: {{ index . 0 }}
  value: {{ $text | quote }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "imds-agent.environment" -}}
- name: NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- include "imds-agent.programEnvironment" . }}
{{- with .Values.nodeOptions }}
- name: NODE_OPTIONS
  value: {{ . | quote }}
{{- end }}
{{- include "imds-agent.settings" . }}
{{- with .Values.webhookURLSecretName }}
- name: WEBHOOK_URL
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $.Values.webhookURLSecretKey }}
{{- end }}
{{- if .Values.webhookTemplateConfigMapName }}
- name: WEBHOOK_TEMPLATE_FILE
  value: {{ printf "/config/%s" .Values.webhookTemplateConfigMapKey | quote }}
{{- end }}
{{- with .Values.awsCredentialsSecretName }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: AWS_ACCESS_KEY_ID
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: AWS_SECRET_ACCESS_KEY
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
