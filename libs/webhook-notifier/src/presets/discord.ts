import { FACTS } from './facts.ts';
import type { Preset } from './facts.ts';

/**
 * Discord: a webhook of a channel, `https://discord.com/api/webhooks/…`.
 *
 * One embed, of at most 6,000 characters: a title of 256, a description of 4,096, fields with names of 256 and values of 1,024, none of them
 * empty. Nobody is mentioned, whatever a text holds.
 *
 * @see https://discord.com/developers/docs/resources/webhook#execute-webhook
 * @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 */
export const discord: Preset = {
  contentType: 'application/json',
  template: `${FACTS}
{{- $colors := dict "info" 3064445 "warning" 15512110 "error" 14687834 "critical" 14687834 -}}
{
  "allowed_mentions": { "parse": [] },
  "embeds": [
    {
      "title": {{ $title | abbrev 256 | toJson }},
      "description": {{ $summary | toJson }},
      "color": {{ get $colors .Severity }},
      "timestamp": {{ now.UTC.Format "2006-01-02T15:04:05.000Z07:00" | toJson }},
      "fields": [
        { "name": "Kind", "value": {{ $kind | toJson }}, "inline": true },
        { "name": "Instance", "value": {{ $instance | toJson }}, "inline": true },
        { "name": "Where", "value": {{ $where | toJson }}, "inline": true },
        { "name": "Pods", "value": {{ $pods | toJson }}, "inline": false }
      ],
      "footer": { "text": {{ printf "%s (%s)" $about $event | toJson }} }
    }
  ]
}`,
};
