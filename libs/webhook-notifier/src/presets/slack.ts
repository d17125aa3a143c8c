import { FACTS } from './facts.ts';
import type { Preset } from './facts.ts';

/**
 * Slack: an incoming webhook, or a workflow of Slack's that takes the same.
 *
 * The title stands above an attachment with the colour of the outcome. Its texts are `plain_text`, in which Slack looks for no mentions; the title
 * is escaped as its `mrkdwn` wants it. A section has at most 3,000 characters and 10 fields of 2,000.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 * @see https://docs.slack.dev/reference/block-kit/blocks/section-block
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export const slack: Preset = {
  contentType: 'application/json',
  template: `${FACTS}${String.raw`
{{- $colors := dict "info" "#2eb67d" "warning" "#ecb22e" "error" "#e01e5a" "critical" "#e01e5a" -}}
{
  "text": {{ $title | replace "&" "&amp;" | replace "<" "&lt;" | replace ">" "&gt;" | toJson }},
  "attachments": [
    {
      "color": {{ get $colors .Severity | toJson }},
      "blocks": [
        { "type": "section", "text": { "type": "plain_text", "text": {{ $summary | toJson }}, "emoji": false } },
        {
          "type": "section",
          "fields": [
            { "type": "plain_text", "text": {{ printf "Kind\n%s" $kind | toJson }}, "emoji": false },
            { "type": "plain_text", "text": {{ printf "Instance\n%s" $instance | toJson }}, "emoji": false },
            { "type": "plain_text", "text": {{ printf "Where\n%s" $where | toJson }}, "emoji": false },
            { "type": "plain_text", "text": {{ printf "Pods\n%s" $pods | toJson }}, "emoji": false }
          ]
        },
        { "type": "context", "elements": [{ "type": "plain_text", "text": {{ printf "%s (%s)" $about $event | toJson }}, "emoji": false }] }
      ]
    }
  ]
}`}`,
};
