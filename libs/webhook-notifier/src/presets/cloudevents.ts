import { FACTS } from './facts.ts';
import type { Preset } from './facts.ts';

/**
 * CloudEvents 1.0 in structured JSON, for whatever takes them: Knative, Argo Events, EventGrid, a function of one's own.
 *
 * `source` is the instance, `subject` the node, `type` ends with the phase. An event has less than the 64 KiB that everybody on its way has to forward.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export const cloudevents: Preset = {
  contentType: 'application/cloudevents+json; charset=UTF-8',
  template: `${FACTS}
{{- $others := list -}}
{{- range $index, $id := .OtherEvents }}{{ if lt $index 50 }}{{ $others = append $others ($id | abbrev 200) }}{{ end }}{{ end -}}
{{- $env := dict -}}
{{- range $name, $value := .Env }}{{ $_ := set $env $name ($value | abbrev 300) }}{{ end -}}
{{- $rfc3339 := "2006-01-02T15:04:05.000Z07:00" -}}
{
  "specversion": "1.0",
  "id": {{ printf "%s/%s/%d" $event .Phase now.UnixNano | toJson }},
  "source": {{ printf "urn:node-termination-handler:%s" (urlquery $key) | toJson }},
  "type": {{ printf "io.github.node-termination-handler.%s" .Phase | toJson }},
  "subject": {{ $node | toJson }},
  "time": {{ now.UTC.Format $rfc3339 | toJson }},
  "datacontenttype": "application/json",
  "data": {
    "phase": {{ .Phase | toJson }},
    "outcome": {{ .Outcome | toJson }},
    "severity": {{ .Severity | toJson }},
    "summary": {{ $summary | toJson }},
    "reason": {{ .Reason | abbrev 1500 | toJson }},
    "durationSeconds": {{ .Duration.Seconds | toJson }},
    "pods": {{ .PodCounts | toJson }},
    "event": {
      "id": {{ $event | toJson }},
      "kind": {{ $kind | toJson }},
      "description": {{ $about | toJson }},
      "start": {{ if .StartTime.IsZero }}null{{ else }}{{ .StartTime.UTC.Format $rfc3339 | toJson }}{{ end }},
      "others": {{ $others | toJson }}
    },
    "node": { "name": {{ .NodeName | abbrev 300 | toJson }} },
    "instance": {
      "id": {{ .InstanceID | abbrev 100 | toJson }},
      "type": {{ .InstanceType | abbrev 100 | toJson }},
      "availabilityZone": {{ .AvailabilityZone | abbrev 100 | toJson }},
      "region": {{ .Region | abbrev 100 | toJson }},
      "accountId": {{ .AccountId | abbrev 100 | toJson }}
    },
    "env": {{ $env | toJson }}
  }
}`,
};
