import { FACTS } from './facts.ts';
import type { Preset } from './facts.ts';

/**
 * Google Chat: a webhook of a space, `https://chat.googleapis.com/v1/spaces/…`.
 *
 * One card. A message has at most 32,000 bytes, and texts of a card know some HTML, so they are escaped. Messages of one instance are one thread, where
 * the address says `&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD`.
 *
 * @see https://developers.google.com/workspace/chat/quickstart/webhooks
 * @see https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
 */
export const googleChat: Preset = {
  contentType: 'application/json; charset=UTF-8',
  template: `${FACTS}{
  "fallbackText": {{ $title | toJson }},
  "thread": { "threadKey": {{ $key | toJson }} },
  "cardsV2": [
    {
      "cardId": "node-termination-handler",
      "card": {
        "header": { "title": {{ $title | toJson }}, "subtitle": {{ $where | toJson }} },
        "sections": [
          {
            "widgets": [
              { "textParagraph": { "text": {{ $summary | html | toJson }} } },
              { "decoratedText": { "topLabel": "Kind", "text": {{ $kind | html | toJson }} } },
              { "decoratedText": { "topLabel": "Instance", "text": {{ $instance | html | toJson }} } },
              { "decoratedText": { "topLabel": "Pods", "wrapText": true, "text": {{ $pods | html | toJson }} } },
              { "decoratedText": { "topLabel": "Event", "wrapText": true, "text": {{ printf "%s (%s)" $about $event | html | toJson }} } }
            ]
          }
        ]
      }
    }
  ]
}`,
};
