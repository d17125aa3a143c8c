{{- /* Generated from tools/checks/charts/shared/templates/_environment.tpl: change it there. */ -}}
{{- /* What `--set-string`, Terraform and quotes make of a boolean is one: "true" where it is on, else nothing. */ -}}
{{- define "imds-agent.isOn" -}}
{{- if eq (lower (toString .)) "true" -}}true{{- end -}}
{{- end }}

{{- /* A list without doubles: of entries with the same key the last stays, the user's. Server-side apply takes no doubles: (list ENTRIES KEY). */ -}}
{{- define "imds-agent.lastOfEach" -}}
{{- $key := index . 1 -}}
{{- $last := dict -}}
{{- range $index, $entry := index . 0 -}}{{- $_ := set $last (get $entry $key) $index -}}{{- end -}}
{{- $kept := list -}}
{{- range $index, $entry := index . 0 -}}
{{- if eq $index (get $last (get $entry $key)) -}}{{- $kept = append $kept $entry -}}{{- end -}}
{{- end -}}
{{- if $kept -}}{{- toYaml $kept -}}{{- end -}}
{{- end }}

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

{{- /* Every variable of a container: (dict "root" $ "os" "linux"). One of the user's own replaces the chart's. */ -}}
{{- define "imds-agent.environment" -}}
{{- $ours := include "imds-agent.chartEnvironment" .root | fromYamlArray -}}
{{- $fitting := list -}}
{{- range $ours -}}
{{- /* Windows has no file of this kind. */ -}}
{{- if not (and (eq $.os "windows") (eq .name "UPTIME_FROM_FILE")) -}}{{- $fitting = append $fitting . -}}{{- end -}}
{{- end -}}
{{- include "imds-agent.lastOfEach" (list (concat $fitting (.root.Values.extraEnv | default list)) "name") -}}
{{- end }}

{{- define "imds-agent.chartEnvironment" -}}
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
{{- if or (.Values.caBundle).configMapName (.Values.caBundle).secretName }}
- name: NODE_EXTRA_CA_CERTS
  value: {{ printf "/etc/node-termination-handler/ca/%s" (.Values.caBundle).key | quote }}
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
{{- end }}
