import { FACTS } from './facts.ts';
import type { Preset } from './facts.ts';

/**
 * Alertmanager: its API v2, `http://alertmanager.monitoring:9093/api/v2/alerts`.
 *
 * Three alerts for each instance, told apart by their names alone, so that the one that ends is the one that began: `NodeInterruption` (info) while the
 * work goes on, `NodeDrainOverdue` (warning) and `NodeDrainFailed` (critical). What is over ends all three; one that nobody ended ends after a
 * day, where Alertmanager's own `resolve_timeout` would end it after five minutes.
 *
 * @see https://prometheus.io/docs/alerting/latest/alerts_api/
 * @see https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export const alertmanager: Preset = {
  contentType: 'application/json',
  template: `${FACTS}
{{- $isFailed := has .Outcome (list "failed" "lost") -}}
{{- $opens := ternary "NodeDrainFailed" (ternary "NodeDrainOverdue" "NodeInterruption" (eq .Phase "overdue")) $isFailed -}}
{{- $now := now.UTC -}}
{{- $ends := ternary $now ($now.AddDate 0 0 1) $isOver -}}
{{- $separator := "" -}}
{{- $about := dict "summary" $title "description" $summary "node" $node "instance" $instance "where" $where "kind" $kind "pods" $pods "event" $event -}}
[
{{- range $name, $severity := dict "NodeInterruption" "info" "NodeDrainOverdue" "warning" "NodeDrainFailed" "critical" }}
{{- if or $isOver (eq $name $opens) }}{{ $separator }}
  {
    "labels": { "alertname": {{ $name | toJson }}, "severity": {{ $severity | toJson }}, "instance_id": {{ $key | toJson }} },
    "annotations": {{ $about | toJson }},
    {{- if not $isOver }}
    "startsAt": {{ $now.Format "2006-01-02T15:04:05.000Z07:00" | toJson }},
    {{- end }}
    "endsAt": {{ $ends.Format "2006-01-02T15:04:05.000Z07:00" | toJson }}
  }
{{- $separator = "," }}{{ end }}{{ end }}
]`,
};
