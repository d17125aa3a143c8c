{{- /* Generated from tools/checks/charts/shared/templates/_container.tpl: change it there. */ -}}
{{- /* The program's container: (dict "root" $ "os" "linux" "hostNetwork" false). */ -}}
{{- define "imds-agent.container" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
name: {{ include "imds-agent.programName" $root }}
image: {{ include "imds-agent.image" $root }}
imagePullPolicy: {{ $values.image.pullPolicy }}
{{- with $values.extraArgs }}
args:
  {{- toYaml . | nindent 2 }}
{{- end }}
env:
  {{- include "imds-agent.environment" $root | nindent 2 }}
{{- with $values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if or $values.enablePrometheusServer $values.enableProbesServer }}
ports:
  {{- if $values.enablePrometheusServer }}
  - name: http-metrics
    containerPort: {{ int $values.prometheusServerPort }}
    {{- if .hostNetwork }}
    hostPort: {{ int $values.prometheusServerPort }}
    {{- end }}
    protocol: TCP
  {{- end }}
  {{- if $values.enableProbesServer }}
  - name: http-probes
    containerPort: {{ int $values.probesServerPort }}
    {{- if .hostNetwork }}
    hostPort: {{ int $values.probesServerPort }}
    {{- end }}
    protocol: TCP
  {{- end }}
{{- end }}
{{- if $values.enableProbesServer }}
livenessProbe:
  {{- $liveness := dict "httpGet" (dict "path" ($values.probesServerEndpoint | default "/healthz") "port" "http-probes") }}
  {{- toYaml (mergeOverwrite $liveness (deepCopy $values.probes)) | nindent 2 }}
readinessProbe:
  {{- $readiness := dict "httpGet" (dict "path" "/readyz" "port" "http-probes") }}
  {{- toYaml (mergeOverwrite $readiness (deepCopy $values.readinessProbe)) | nindent 2 }}
{{- end }}
{{- with .resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- if eq .os "windows" }}
  runAsNonRoot: true
  windowsOptions:
    runAsUserName: ContainerUser
  {{- else }}
  {{- toYaml $values.securityContext | nindent 2 }}
  {{- end }}
terminationMessagePolicy: FallbackToLogsOnError
{{- $mounts := include "imds-agent.volumeMounts" $root }}
{{- if $mounts }}
volumeMounts:
  {{- $mounts | nindent 2 }}
{{- end }}
{{- end }}

{{- define "imds-agent.volumeMounts" -}}
{{- if .Values.webhookTemplateConfigMapName -}}
- name: webhook-template
  mountPath: /config
  readOnly: true
{{ end -}}
{{- if .Values.procUptimeFile -}}
- name: uptime
  mountPath: {{ .Values.procUptimeFile | quote }}
  readOnly: true
{{ end -}}
{{- with .Values.extraVolumeMounts -}}
{{ toYaml . }}
{{- end -}}
{{- end }}

{{- define "imds-agent.volumes" -}}
{{- if .Values.webhookTemplateConfigMapName -}}
- name: webhook-template
  configMap:
    name: {{ .Values.webhookTemplateConfigMapName }}
{{ end -}}
{{- if .Values.procUptimeFile -}}
- name: uptime
  hostPath:
    path: {{ .Values.procUptimeFile | quote }}
    type: File
{{ end -}}
{{- with .Values.extraVolumes -}}
{{ toYaml . }}
{{- end -}}
{{- end }}
