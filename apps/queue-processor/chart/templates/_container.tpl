{{- /* Generated from tools/checks/charts/shared/templates/_container.tpl: change it there. */ -}}
{{- /* The program's container: (dict "root" $ "os" "linux" "hostNetwork" "" "resources" {}). */ -}}
{{- define "queue-processor.container" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $metrics := include "queue-processor.isOn" $values.enablePrometheusServer -}}
{{- $probes := include "queue-processor.isOn" $values.enableProbesServer -}}
{{- $environment := include "queue-processor.environment" . -}}
{{- include "queue-processor.heapFits" (list (fromYamlArray $environment) .resources) -}}
name: {{ include "queue-processor.programName" $root }}
image: {{ include "queue-processor.image" $root }}
imagePullPolicy: {{ ($values.image).pullPolicy }}
{{- with $values.extraArgs }}
args:
  {{- toYaml . | nindent 2 }}
{{- end }}
env:
  {{- $environment | nindent 2 }}
{{- with $values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if or $metrics $probes }}
ports:
  {{- if $metrics }}
  - name: http-metrics
    containerPort: {{ int $values.prometheusServerPort }}
    {{- if .hostNetwork }}
    hostPort: {{ int $values.prometheusServerPort }}
    {{- end }}
    protocol: TCP
  {{- end }}
  {{- if $probes }}
  - name: http-probes
    containerPort: {{ int $values.probesServerPort }}
    {{- if .hostNetwork }}
    hostPort: {{ int $values.probesServerPort }}
    {{- end }}
    protocol: TCP
  {{- end }}
{{- end }}
{{- if $probes }}
livenessProbe:
  {{- include "queue-processor.probe" (list ($values.probesServerEndpoint | default "/healthz") $values.probes) | nindent 2 }}
readinessProbe:
  {{- include "queue-processor.probe" (list "/readyz" $values.readinessProbe) | nindent 2 }}
{{- end }}
{{- with .resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if eq .os "windows" }}
securityContext:
  runAsNonRoot: true
  windowsOptions:
    runAsUserName: ContainerUser
{{- else }}
{{- with $values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
terminationMessagePolicy: FallbackToLogsOnError
{{- with include "queue-processor.volumeMounts" . }}
volumeMounts:
  {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* A probe of the program, and how it is tuned; numbers may be texts: (list PATH TUNING). */ -}}
{{- define "queue-processor.probe" -}}
{{- $probe := dict "httpGet" (dict "path" (index . 0) "port" "http-probes") -}}
{{- range $name, $value := index . 1 | default dict -}}
{{- $probe = mergeOverwrite $probe (dict $name (kindIs "string" $value | ternary (atoi (toString $value)) $value)) -}}
{{- end -}}
{{- toYaml $probe -}}
{{- end }}

{{- /* Where a container finds its files: (dict "root" $ "os" "linux"). */ -}}
{{- define "queue-processor.volumeMounts" -}}
{{- $values := .root.Values -}}
{{- $mounts := list -}}
{{- if $values.webhookTemplateConfigMapName -}}
{{- $mounts = append $mounts (dict "name" "webhook-template" "mountPath" "/config" "readOnly" true) -}}
{{- end -}}
{{- if and $values.procUptimeFile (eq .os "linux") -}}
{{- $mounts = append $mounts (dict "name" "uptime" "mountPath" $values.procUptimeFile "readOnly" true) -}}
{{- end -}}
{{- if or ($values.caBundle).configMapName ($values.caBundle).secretName -}}
{{- $mounts = append $mounts (dict "name" "ca-bundle" "mountPath" "/etc/node-termination-handler/ca" "readOnly" true) -}}
{{- end -}}
{{- include "queue-processor.lastOfEach" (list (concat $mounts ($values.extraVolumeMounts | default list)) "mountPath") -}}
{{- end }}

{{- /* The volumes of a pod: (dict "root" $ "os" "linux"). */ -}}
{{- define "queue-processor.volumes" -}}
{{- $values := .root.Values -}}
{{- $volumes := list -}}
{{- with $values.webhookTemplateConfigMapName -}}
{{- $volumes = append $volumes (dict "name" "webhook-template" "configMap" (dict "name" .)) -}}
{{- end -}}
{{- if and $values.procUptimeFile (eq .os "linux") -}}
{{- $volumes = append $volumes (dict "name" "uptime" "hostPath" (dict "path" $values.procUptimeFile "type" "File")) -}}
{{- end -}}
{{- with ($values.caBundle).configMapName -}}
{{- $volumes = append $volumes (dict "name" "ca-bundle" "configMap" (dict "name" .)) -}}
{{- end -}}
{{- with ($values.caBundle).secretName -}}
{{- $volumes = append $volumes (dict "name" "ca-bundle" "secret" (dict "secretName" .)) -}}
{{- end -}}
{{- include "queue-processor.lastOfEach" (list (concat $volumes ($values.extraVolumes | default list)) "name") -}}
{{- end }}

{{- /* What every pod of the program has beside its container: (dict "root" $ "os" "linux"). */ -}}
{{- define "queue-processor.podParts" -}}
{{- $values := .root.Values -}}
serviceAccountName: {{ include "queue-processor.serviceAccountName" .root }}
{{- with ($values.image).pullSecrets }}
imagePullSecrets:
  {{- range uniq . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
terminationGracePeriodSeconds: {{ int ($values.terminationGracePeriodSeconds | default 40) }}
{{- with $values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if eq .os "linux" }}
{{- with $values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with $values.initContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - {{ include "queue-processor.container" . | indent 4 | trim }}
{{- with include "queue-processor.volumes" . }}
volumes:
  {{- . | nindent 2 }}
{{- end }}
{{- end }}
