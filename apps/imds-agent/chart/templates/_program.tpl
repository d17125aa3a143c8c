{{- define "imds-agent.programName" -}}imds-agent{{- end }}

{{- /* Variables of this program alone; it has none. */ -}}
{{- define "imds-agent.programEnvironment" -}}{{- end }}

{{- /* Nodes that end without this program: Fargate and EKS Auto Mode look after themselves, hybrid nodes are no EC2 instances. */ -}}
{{- define "imds-agent.notOurNodes" -}}
key: eks.amazonaws.com/compute-type
operator: NotIn
values: [fargate, auto, hybrid]
{{- end }}

{{- /* The affinity that was asked for, with the rule above in each of its terms: terms are alternatives. */ -}}
{{- define "imds-agent.affinity" -}}
{{- $affinity := deepCopy (. | default dict) -}}
{{- $nodeAffinity := $affinity.nodeAffinity | default dict -}}
{{- $required := $nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution | default dict -}}
{{- $ours := include "imds-agent.notOurNodes" . | fromYaml -}}
{{- $terms := list -}}
{{- range ($required.nodeSelectorTerms | default (list dict)) -}}
{{- $terms = append $terms (merge (dict "matchExpressions" (append (.matchExpressions | default list) $ours)) .) -}}
{{- end -}}
{{- $_ := set $nodeAffinity "requiredDuringSchedulingIgnoredDuringExecution" (dict "nodeSelectorTerms" $terms) -}}
{{- $_ := set $affinity "nodeAffinity" $nodeAffinity -}}
{{- toYaml $affinity -}}
{{- end }}

{{- /* Where helm test runs its pod: where the program runs on Linux. */ -}}
{{- define "imds-agent.testPlacement" -}}
nodeSelector:
  {{- toYaml (merge (dict "kubernetes.io/os" "linux") (.Values.linuxNodeSelector | default dict) (.Values.daemonsetNodeSelector | default dict)) | nindent 2 }}
affinity:
  {{- include "imds-agent.affinity" (.Values.linuxAffinity | default .Values.daemonsetAffinity) | nindent 2 }}
{{- with .Values.linuxTolerations | default .Values.daemonsetTolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* One DaemonSet: (dict "root" $ "os" "linux" …what differs by system). */ -}}
{{- define "imds-agent.daemonset" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $component := dict "app.kubernetes.io/component" .os -}}
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "imds-agent.labels" $root | nindent 4 }}
  {{- with $values.daemonsetAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if regexMatch "^[0-9]+$" (toString $values.revisionHistoryLimit) }}
  revisionHistoryLimit: {{ int $values.revisionHistoryLimit }}
  {{- end }}
  {{- with .updateStrategy }}
  updateStrategy:
    {{- /* Helm merges values: the pace of the default must not stand beside another type. */}}
    {{- toYaml (ternary (omit . "rollingUpdate") . (eq (.type | default "RollingUpdate") "OnDelete")) | nindent 4 }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "imds-agent.selectorLabels" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .os }}
  template:
    metadata:
      {{- with merge (deepCopy (.podAnnotations | default dict)) ($values.podAnnotations | default dict) }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      labels:
        {{- include "imds-agent.labelsWith" (dict "root" $root "own" $component "more" (list .podLabels $values.podLabels)) | nindent 8 }}
    spec:
      {{- include "imds-agent.podParts" . | nindent 6 }}
      {{- with $values.daemonsetPriorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      hostNetwork: {{ ternary "true" "false" (ne .hostNetwork "") }}
      dnsPolicy: {{ .dnsPolicy }}
      nodeSelector:
        {{- toYaml (merge (dict "kubernetes.io/os" .os) (.nodeSelector | default dict) ($values.daemonsetNodeSelector | default dict)) | nindent 8 }}
      affinity:
        {{- include "imds-agent.affinity" (.affinity | default $values.daemonsetAffinity) | nindent 8 }}
      {{- with .tolerations | default $values.daemonsetTolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}
