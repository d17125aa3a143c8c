import { FACTS } from './facts.ts';
import type { Preset } from './facts.ts';

/**
 * Opsgenie, and Jira Service Management, which kept its API: an alert for each instance, at `https://api.opsgenie.com/v2/alerts`.
 *
 * Its key is the header `Authorization: GenieKey …`. An alert is closed at an address of its own, which a webhook does not know: of what is over
 * it hears as of a priority P5. A message has at most 130 characters, an alias and an entity 512, a source 100, a description 15,000, and all details 8,000.
 *
 * @see https://docs.opsgenie.com/docs/alert-api#create-alert
 */
export const opsgenie: Preset = {
  contentType: 'application/json',
  template: `${FACTS}
{{- $priorities := dict "info" "P5" "warning" "P3" "error" "P2" "critical" "P1" -}}
{
  "message": {{ printf "%s: %s" $title $summary | abbrev 130 | toJson }},
  "alias": {{ printf "node-termination-handler/%s" $key | toJson }},
  "description": {{ printf "%s\\n\\n%s" $summary $about | toJson }},
  "entity": {{ $node | toJson }},
  "source": "node-termination-handler",
  "priority": {{ get $priorities .Severity | toJson }},
  "tags": [{{ $kind | toJson }}, {{ .Phase | toJson }}],
  "details": {
    "instance": {{ $instance | toJson }},
    "where": {{ $where | toJson }},
    "outcome": {{ .Outcome | toJson }},
    "reason": {{ .Reason | abbrev 3000 | toJson }},
    "pods": {{ $pods | toJson }},
    "event": {{ $event | toJson }}
  }
}`,
};
