{{- define "queue-processor.programName" -}}queue-processor{{- end }}

{{- define "queue-processor.programEnvironment" }}
- name: CLAIM_LEASE_NAME
  value: {{ include "queue-processor.fullname" . | quote }}
{{- end }}
