import { FACTS } from './facts.ts';
import type { Preset } from './facts.ts';

/**
 * Microsoft Teams: a workflow that begins with *When a Teams webhook request is received*, which takes an Adaptive Card in a message.
 *
 * A message has at most 28 KB. Texts of events stand in rich text blocks, which know no Markdown, so that no link can be made in them.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
 * @see https://adaptivecards.io/explorer/RichTextBlock.html
 */
export const teams: Preset = {
  contentType: 'application/json',
  template: `${FACTS}${String.raw`
{{- $colors := dict "info" "good" "warning" "warning" "error" "attention" "critical" "attention" -}}
{
  "type": "message",
  "attachments": [
    {
      "contentType": "application/vnd.microsoft.card.adaptive",
      "contentUrl": null,
      "content": {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": {{ $title | toJson }},
        "msteams": { "width": "Full" },
        "body": [
          {
            "type": "RichTextBlock",
            "inlines": [{ "type": "TextRun", "text": {{ $title | toJson }}, "size": "medium", "weight": "bolder", "color": {{ get $colors .Severity | toJson }} }]
          },
          { "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": {{ $summary | toJson }} }] },
          {
            "type": "FactSet",
            "facts": [
              { "title": "Kind", "value": {{ $kind | toJson }} },
              { "title": "Instance", "value": {{ $instance | toJson }} },
              { "title": "Where", "value": {{ $where | toJson }} },
              { "title": "Pods", "value": {{ $pods | toJson }} }
            ]
          },
          {
            "type": "RichTextBlock",
            "inlines": [{ "type": "TextRun", "text": {{ printf "%s (%s)" $about $event | toJson }}, "size": "small", "isSubtle": true }]
          }
        ]
      }
    }
  ]
}`}`,
};
