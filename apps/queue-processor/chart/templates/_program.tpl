{{- define "queue-processor.programName" -}}queue-processor{{- end }}

{{- define "queue-processor.programEnvironment" }}
- name: CLAIM_LEASE_NAME
  value: {{ include "queue-processor.fullname" . | quote }}
{{- end }}

{{- /* Where helm test runs its pod: where the program runs. */ -}}
{{- define "queue-processor.testPlacement" -}}
nodeSelector:
  {{- toYaml (merge (dict "kubernetes.io/os" "linux") (.Values.nodeSelector | default dict)) | nindent 2 }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
