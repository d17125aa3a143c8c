{{- /* The rules as they are in files/alerts.yaml, of this release alone, with the severities and labels of the values. */ -}}
{{- define "app.alerts" -}}
{{- $name := include "app.fullname" . -}}
{{- $ours := printf "namespace=%q," .Release.Namespace -}}
{{- $job := printf "%sjob=%q" $ours (include "app.name" .) -}}
{{- $daemonset := printf "%sdaemonset=~\"%s|%s-windows\"" $ours $name ($name | trunc 55 | trimSuffix "-") -}}
{{- $file := .Files.Get "files/alerts.yaml" | replace (printf "job=%q" .Chart.Name) $job | replace "daemonset=~\"(.+-)?imds-agent(-windows)?\"" $daemonset | fromYaml -}}
{{- $severities := (.Values.prometheusRule).severities | default dict -}}
{{- $known := list -}}
{{- range $group := $file.groups -}}
{{- range $rule := $group.rules -}}
{{- if $rule.alert -}}
{{- $known = concat $known (list $rule.alert $rule.labels.severity) -}}
{{- $severity := get $severities $rule.alert | default (get $severities $rule.labels.severity) | default $rule.labels.severity -}}
{{- $_ := set $rule "labels" (merge (dict "severity" $severity) (($.Values.prometheusRule).additionalRuleLabels | default dict)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $severity, $_ := $severities -}}
{{- if not (has $severity $known) }}
{{- fail (printf "prometheusRule.severities: %s is neither an alert of files/alerts.yaml nor critical, warning or info" $severity) }}
{{- end -}}
{{- end -}}
{{- toYaml $file -}}
{{- end }}
