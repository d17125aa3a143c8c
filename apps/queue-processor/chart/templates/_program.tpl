{{- define "queue-processor.programName" -}}queue-processor{{- end }}
