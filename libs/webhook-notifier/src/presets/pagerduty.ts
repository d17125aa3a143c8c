import { FACTS } from './facts.ts';
import type { Preset } from './facts.ts';

/**
 * PagerDuty: the Events API v2, whose address is `https://events.pagerduty.com/v2/enqueue`.
 *
 * An alert for each instance: what is not over triggers it, with the severity that it has; what is over resolves it, and does nothing where
 * nothing was triggered. A summary has at most 1,024 characters, a `dedup_key` 255, a body 512 KB.
 *
 * PagerDuty wants the integration's key in the body. It is the `routing_key` of the address, so that one secret holds both.
 *
 * @see https://developer.pagerduty.com/docs/events-api-v2-overview
 * @see https://github.com/PagerDuty/api-schema/blob/main/reference/events-v2/openapiv3.json
 */
export const pagerduty: Preset = {
  contentType: 'application/json',
  keyParameter: { name: 'routing_key', pattern: /^[\w-]{32}$/, means: 'the integration key, of 32 characters' },
  template: `${FACTS}{
  "routing_key": {{ key | toJson }},
  "event_action": {{ ternary "resolve" "trigger" $isOver | toJson }},
  "dedup_key": {{ printf "node-termination-handler/%s" $key | toJson }}
  {{- if not $isOver }},
  "client": "node-termination-handler",
  "payload": {
    "summary": {{ printf "%s: %s" $title $summary | abbrev 1024 | toJson }},
    "source": {{ $node | toJson }},
    "severity": {{ .Severity | toJson }},
    "timestamp": {{ now.UTC.Format "2006-01-02T15:04:05.000Z07:00" | toJson }},
    "component": {{ $instance | toJson }},
    "group": {{ $where | toJson }},
    "class": {{ $kind | toJson }},
    "custom_details": {
      "phase": {{ .Phase | toJson }},
      "outcome": {{ .Outcome | toJson }},
      "reason": {{ .Reason | abbrev 3000 | toJson }},
      "pods": {{ $pods | toJson }},
      "event": {{ $event | toJson }},
      "description": {{ $about | toJson }}
    }
  }
  {{- end }}
}`,
};
