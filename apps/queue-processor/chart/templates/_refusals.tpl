{{- /* Generated from tools/checks/charts/shared/templates/_refusals.tpl: change it there. */ -}}
{{- /* What no schema can say: former names, and values that are right one by one, and wrong together. */ -}}
{{- define "queue-processor.refusals" -}}
{{- $v := .Values -}}
{{- range $name, $answer := include "queue-processor.formerNames" . | fromYaml -}}
{{- if not (kindIs "invalid" (index $v $name)) }}
{{- fail (printf "%s: %s" $name $answer) }}
{{- end }}
{{- end }}
{{- range list "image" "serviceAccount" "rbac" }}
{{- if not (index $v .) }}
{{- fail (printf "%s is null, which takes its defaults away: leave it out, or write {}" .) }}
{{- end }}
{{- end }}
{{- if and $v.webhookURL $v.webhookURLSecretName }}
{{- fail "webhookURL and webhookURLSecretName are both set: give one of them" }}
{{- end }}
{{- if and $v.webhookTemplate $v.webhookTemplateConfigMapName }}
{{- fail "webhookTemplate and webhookTemplateConfigMapName are both set: give one of them" }}
{{- end }}
{{- if and $v.webhookPreset (or $v.webhookTemplate $v.webhookTemplateConfigMapName) }}
{{- fail (printf "webhookPreset and %s are both set: give one of them" (ternary "webhookTemplate" "webhookTemplateConfigMapName" (not (empty $v.webhookTemplate)))) }}
{{- end }}
{{- if ne (empty $v.webhookTemplateConfigMapName) (empty $v.webhookTemplateConfigMapKey) }}
{{- fail "webhookTemplateConfigMapName and webhookTemplateConfigMapKey are needed together" }}
{{- end }}
{{- if and ($v.caBundle).configMapName ($v.caBundle).secretName }}
{{- fail "caBundle.configMapName and caBundle.secretName are both set: give one of them" }}
{{- end }}
{{- if and (include "queue-processor.isOn" $v.emitNodeConditions) (include "queue-processor.isOn" ($v.rbac).create) (semverCompare "<1.30.0-0" .Capabilities.KubeVersion.Version) }}
{{- fail "emitNodeConditions needs Kubernetes 1.30 or later: without ValidatingAdmissionPolicies the right to it would reach too far" }}
{{- end }}
{{- $metrics := include "queue-processor.isOn" $v.enablePrometheusServer -}}
{{- if and $metrics (include "queue-processor.isOn" $v.enableProbesServer) (eq (int $v.prometheusServerPort) (int $v.probesServerPort)) }}
{{- fail (printf "prometheusServerPort and probesServerPort are both %d: give each its own" (int $v.probesServerPort)) }}
{{- end }}
{{- range list "podMonitor" "serviceMonitor" "prometheusRule" }}
{{- if and (not $metrics) (include "queue-processor.isOn" (index $v . | default dict).create) }}
{{- fail (printf "%s.create needs enablePrometheusServer=true: there is nothing to scrape" .) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* A heap that fills the memory limit ends in the kernel's kill, before the garbage collector works: (list VARIABLES RESOURCES). */ -}}
{{- define "queue-processor.heapFits" -}}
{{- $options := "" -}}
{{- range index . 0 -}}{{- if eq .name "NODE_OPTIONS" -}}{{- $options = .value | default "" -}}{{- end -}}{{- end -}}
{{- $heap := regexFind "[0-9]+$" (regexFind "--max[-_]old[-_]space[-_]size=[0-9]+" $options) -}}
{{- $limit := dig "limits" "memory" "" (index . 1 | default dict) -}}
{{- $limitMiB := include "queue-processor.mebibytes" $limit -}}
{{- $besideMiB := 48 -}}
{{- if and $heap $limitMiB (lt (int $limitMiB) (add (int $heap) $besideMiB | int)) }}
{{- fail (printf "resources.limits.memory of %v is too little memory for a heap of %s MiB (nodeOptions): Node.js needs %d MiB beside it; raise the limit to %dMi, or lower --max-old-space-size" $limit $heap $besideMiB (add (int $heap) $besideMiB)) }}
{{- end }}
{{- end }}

{{- /* A quantity of memory in whole MiB; nothing for what is none. */ -}}
{{- define "queue-processor.mebibytes" -}}
{{- $text := kindIs "float64" . | ternary (printf "%.0f" (float64 .)) (toString .) -}}
{{- $number := regexFind "^[0-9]+([.][0-9]+)?" $text -}}
{{- $bytes := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 -}}
{{- $unit := trimPrefix $number $text -}}
{{- if and $number (hasKey $bytes $unit) -}}
{{- divf (mulf (float64 $number) (get $bytes $unit)) 1048576 | floor | int -}}
{{- end -}}
{{- end }}
