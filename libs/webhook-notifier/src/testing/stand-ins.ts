import * as v from 'valibot';
import type { PresetName } from '../presets/presets.ts';

/** What reached a receiver. */
export interface Posted {
  readonly body: string;
  readonly contentType: string;
}

const charactersOf = (value: string): number => Array.from(value).length;

/** Texts are counted in characters, as receivers count them, and are never empty where one would refuse them so. */
const text = (max: number) =>
  v.pipe(
    v.string(),
    v.check((value) => value.trim() !== '', 'is empty'),
    v.check((value) => charactersOf(value) <= max, `has more than ${max} characters`),
  );
const optionalText = (max: number) =>
  v.pipe(
    v.string(),
    v.check((value) => charactersOf(value) <= max, `has more than ${max} characters`),
  );
const moment = v.pipe(v.string(), v.isoTimestamp());

/** @see https://docs.slack.dev/reference/block-kit */
const slackText = (max: number) =>
  v.strictObject({ type: v.literal('plain_text'), text: text(max), emoji: v.optional(v.boolean()) });
const slackBlock = v.variant('type', [
  v.strictObject({
    type: v.literal('section'),
    text: v.optional(slackText(3000)),
    fields: v.optional(v.pipe(v.array(slackText(2000)), v.minLength(1), v.maxLength(10))),
  }),
  v.strictObject({
    type: v.literal('context'),
    elements: v.pipe(v.array(slackText(3000)), v.minLength(1), v.maxLength(10)),
  }),
]);
const slack = v.strictObject({
  // Slack reads `<…>` in it as links and mentions, and `&` as the beginning of an escape.
  text: v.pipe(text(4000), v.regex(/^(?:[^<>&]|&(?:amp|lt|gt);)*$/)),
  attachments: v.pipe(
    v.array(
      v.strictObject({
        color: v.pipe(v.string(), v.regex(/^#[\da-f]{6}$/)),
        blocks: v.pipe(v.array(slackBlock), v.minLength(1), v.maxLength(50)),
      }),
    ),
    v.maxLength(100),
  ),
});

/** @see https://adaptivecards.io/schemas/1.4.0/adaptive-card.json */
const textRun = v.strictObject({
  type: v.literal('TextRun'),
  text: v.string(),
  size: v.optional(v.picklist(['small', 'default', 'medium', 'large', 'extraLarge'])),
  weight: v.optional(v.picklist(['lighter', 'default', 'bolder'])),
  color: v.optional(v.picklist(['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention'])),
  isSubtle: v.optional(v.boolean()),
});
const cardElement = v.variant('type', [
  v.strictObject({ type: v.literal('RichTextBlock'), inlines: v.pipe(v.array(textRun), v.minLength(1)) }),
  v.strictObject({
    type: v.literal('FactSet'),
    facts: v.pipe(v.array(v.strictObject({ title: v.string(), value: v.string() })), v.minLength(1)),
  }),
]);
const teams = v.strictObject({
  type: v.literal('message'),
  attachments: v.strictTuple([
    v.strictObject({
      contentType: v.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: v.null(),
      content: v.strictObject({
        $schema: v.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
        type: v.literal('AdaptiveCard'),
        version: v.literal('1.4'),
        fallbackText: v.string(),
        msteams: v.strictObject({ width: v.literal('Full') }),
        body: v.pipe(v.array(cardElement), v.minLength(1)),
      }),
    }),
  ]),
});

/** @see https://github.com/PagerDuty/api-schema/blob/main/reference/events-v2/openapiv3.json */
const pagerdutyEvent = {
  routing_key: v.pipe(v.string(), v.regex(/^[\w-]{32}$/)),
  dedup_key: text(255),
};
const pagerduty = v.variant('event_action', [
  v.strictObject({ ...pagerdutyEvent, event_action: v.literal('resolve') }),
  v.strictObject({
    ...pagerdutyEvent,
    event_action: v.literal('trigger'),
    client: v.string(),
    payload: v.strictObject({
      summary: text(1024),
      source: text(1024),
      severity: v.picklist(['critical', 'error', 'warning', 'info']),
      timestamp: moment,
      component: v.string(),
      group: v.string(),
      class: v.string(),
      custom_details: v.record(v.string(), v.string()),
    }),
  }),
]);

/** @see https://docs.opsgenie.com/docs/alert-api#create-alert */
const opsgenie = v.strictObject({
  message: text(130),
  alias: text(512),
  description: text(15_000),
  entity: optionalText(512),
  source: optionalText(100),
  priority: v.picklist(['P1', 'P2', 'P3', 'P4', 'P5']),
  tags: v.pipe(v.array(text(50)), v.maxLength(20)),
  details: v.pipe(
    v.record(v.string(), v.string()),
    v.check((details) => Object.entries(details).flat().join('').length <= 8000, 'has more than 8000 characters'),
  ),
});

/** @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const embed = v.pipe(
  v.strictObject({
    title: text(256),
    description: text(4096),
    color: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffff)),
    timestamp: moment,
    fields: v.pipe(
      v.array(v.strictObject({ name: text(256), value: text(1024), inline: v.boolean() })),
      v.maxLength(25),
    ),
    footer: v.strictObject({ text: text(2048) }),
  }),
  v.check(
    ({ title, description, fields, footer }) =>
      charactersOf([title, description, footer.text, ...fields.flatMap(({ name, value }) => [name, value])].join('')) <=
      6000,
    'has more than 6000 characters',
  ),
);
const discord = v.strictObject({
  allowed_mentions: v.strictObject({ parse: v.strictTuple([]) }),
  embeds: v.pipe(v.array(embed), v.minLength(1), v.maxLength(10)),
});

/** Cards know some HTML: a text that was not escaped could hold links, and one that was holds no bare angle bracket. */
const html = v.pipe(text(32_000), v.regex(/^[^<>]*$/));
/** @see https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages */
const googleChat = v.strictObject({
  fallbackText: text(4096),
  thread: v.strictObject({ threadKey: text(4000) }),
  cardsV2: v.strictTuple([
    v.strictObject({
      cardId: text(64),
      card: v.strictObject({
        header: v.strictObject({ title: text(4096), subtitle: optionalText(4096) }),
        sections: v.strictTuple([
          v.strictObject({
            widgets: v.pipe(
              v.array(
                v.union([
                  v.strictObject({ textParagraph: v.strictObject({ text: html }) }),
                  v.strictObject({
                    decoratedText: v.strictObject({
                      topLabel: text(200),
                      text: html,
                      wrapText: v.optional(v.boolean()),
                    }),
                  }),
                ]),
              ),
              v.minLength(1),
              v.maxLength(100),
            ),
          }),
        ]),
      }),
    }),
  ]),
});

/** @see https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
const label = v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*$/));
const alertmanager = v.pipe(
  v.array(
    v.pipe(
      v.strictObject({
        labels: v.intersect([
          v.record(label, v.string()),
          v.object({ alertname: text(200), severity: text(20), instance_id: text(300) }),
        ]),
        annotations: v.record(label, v.string()),
        startsAt: v.optional(moment),
        endsAt: moment,
      }),
      v.check(({ startsAt, endsAt }) => startsAt === undefined || startsAt < endsAt, 'ends before it starts'),
    ),
  ),
  v.minLength(1),
);

/** @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/cloudevents.json */
const cloudevents = v.strictObject({
  specversion: v.literal('1.0'),
  id: text(1000),
  source: v.pipe(text(1000), v.regex(/^urn:[a-z\d-]{2,31}:(?:[\w.~!$'()*+,;=:@/-]|%[\dA-F]{2})+$/)),
  type: v.pipe(v.string(), v.regex(/^[a-z\d.-]+$/)),
  subject: text(1000),
  time: moment,
  datacontenttype: v.literal('application/json'),
  data: v.record(v.string(), v.unknown()),
});

interface StandIn {
  readonly schema: v.GenericSchema;
  readonly contentType: RegExp;
  /** In bytes. */
  readonly largest: number;
}

const JSON_TYPE = /^application\/json(; charset=utf-8)?$/i;
const STAND_INS: Readonly<Record<PresetName, StandIn>> = {
  slack: { schema: slack, contentType: JSON_TYPE, largest: 100_000 },
  teams: { schema: teams, contentType: JSON_TYPE, largest: 28 * 1024 },
  pagerduty: { schema: pagerduty, contentType: JSON_TYPE, largest: 512 * 1024 },
  opsgenie: { schema: opsgenie, contentType: JSON_TYPE, largest: 100_000 },
  discord: { schema: discord, contentType: JSON_TYPE, largest: 100_000 },
  'google-chat': { schema: googleChat, contentType: JSON_TYPE, largest: 32_000 },
  alertmanager: { schema: alertmanager, contentType: JSON_TYPE, largest: 1_000_000 },
  cloudevents: {
    schema: cloudevents,
    contentType: /^application\/cloudevents\+json(; charset=utf-8)?$/i,
    largest: 64 * 1024,
  },
};

/** What a receiver says to a message: `accepted`, or why it refuses it. It knows no field beyond those of its published format, and all their limits. */
export function answerOf(receiver: PresetName, { body, contentType }: Posted): string {
  const { schema, contentType: wanted, largest } = STAND_INS[receiver];
  if (!wanted.test(contentType)) return `is of the type ${contentType}`;
  if (Buffer.byteLength(body) > largest) return `has ${Buffer.byteLength(body)} bytes, more than ${largest}`;
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return 'is no JSON';
  }
  const { success, issues = [] } = v.safeParse(schema, message);
  return success ? 'accepted' : issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`).join('; ');
}
