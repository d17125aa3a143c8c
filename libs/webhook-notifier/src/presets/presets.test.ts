import { VirtualClock } from '@node-termination-handler/clock/virtual';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { bodyOf } from '../body.ts';
import type { Body } from '../body.ts';
import type { NotificationOutcome, NotificationPhase, WebhookNotification } from '../notification.ts';
import { checkOptions } from '../options.ts';
import { emptyNotification, fullNotification } from '../testing/full-notification.ts';
import { aNotification } from '../testing/notification.ts';
import { answerOf } from '../testing/stand-ins.ts';
import { PRESETS } from './presets.ts';
import type { PresetName } from './presets.ts';

const NAMES = Object.keys(PRESETS) as readonly PresetName[];
const PHASES: readonly NotificationPhase[] = [
  ...(['received', 'cordoned', 'overdue', 'drained', 'failed', 'uncordoned', 'cancelled'] as const),
];
const OUTCOMES: readonly (NotificationOutcome | undefined)[] = [
  ...([undefined, 'pending', 'done', 'failed', 'lost', 'over', 'nothing-to-do', 'dry-run'] as const),
];

const KEY = '0123456789abcdef0123456789abcdef';
const options = {
  url: `https://events.example.com/v2/enqueue?routing_key=${KEY}`,
  templateEnv: { CLUSTER: 'prod "1"' },
};
const clock = new VirtualClock();
const bodies = {} as Record<PresetName, Body>;

beforeAll(async () => {
  for (const preset of NAMES) bodies[preset] = await bodyOf(checkOptions(options), { ...options, preset, clock });
});

function posted(preset: PresetName, notification: WebhookNotification): { body: string; contentType: string } {
  const { render, options: sent } = bodies[preset];
  return { body: render(notification).toString(), contentType: sent.headers['Content-type'] ?? '' };
}

const parsed = (preset: PresetName, notification: WebhookNotification): unknown =>
  JSON.parse(posted(preset, notification).body);

/** Texts that have broken a message before: quotes, line breaks, markup, mentions, half characters, nothing but blanks, and far too long ones. */
const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  fc.constantFrom(
    '',
    ' ',
    '\u00a0',
    '"',
    '\\',
    '\n',
    '</a>',
    '<!channel>',
    '@everyone',
    '&lt;',
    '[x](http://x)',
    '\ud800',
    '\0',
  ),
  fc.constantFrom('"', '&', '<', '\u0001', 'é', '😀', '\u2028', ' ').map((unit) => unit.repeat(5000)),
);
const notifications: fc.Arbitrary<WebhookNotification> = fc.record({
  phase: fc.constantFrom(...PHASES),
  outcome: fc.constantFrom(...OUTCOMES),
  summary: fc.option(hostile, { nil: undefined }),
  reason: fc.option(hostile, { nil: undefined }),
  durationMs: fc.option(fc.nat(), { nil: undefined }),
  podCounts: fc.constantFrom(undefined, {}, { evicted: 3, hurried: 1, 'deleted-past-budget': 0, left: 110 }),
  otherEvents: fc.array(hostile, { maxLength: 2 }),
  metadata: fc.record({ region: hostile, availabilityZone: hostile, accountId: hostile, instanceType: hostile }),
  event: fc.record({
    eventId: hostile,
    kind: hostile,
    description: hostile,
    nodeName: hostile,
    instanceId: hostile,
    startTime: fc.option(fc.date(), { nil: undefined }),
  }),
});

describe.each(NAMES)('the preset %s', (preset) => {
  it.each(PHASES)('is accepted by its receiver when %s', (phase) => {
    for (const outcome of OUTCOMES)
      for (const notification of [fullNotification, emptyNotification, aNotification()])
        expect(answerOf(preset, posted(preset, { ...notification, phase, outcome }))).toBe('accepted');
  });

  it('is accepted whatever an event holds', () => {
    fc.assert(
      fc.property(notifications, (notification) => {
        expect(answerOf(preset, posted(preset, notification))).toBe('accepted');
      }),
      { numRuns: 60 },
    );
  });

  it('tells drained, failed, overdue, lost and a dry run apart', () => {
    const told = [
      aNotification({ phase: 'drained' }),
      aNotification({ phase: 'failed' }),
      aNotification({ phase: 'overdue' }),
      aNotification({ phase: 'failed', outcome: 'lost', summary: 'The node is gone' }),
      aNotification({ phase: 'drained', outcome: 'dry-run' }),
    ].map((each) => posted(preset, each).body);
    // PagerDuty takes no words with an end.
    expect(new Set(told).size).toBe(preset === 'pagerduty' ? 4 : 5);
  });

  it('has a stand-in that refuses what the receiver would', () => {
    const { body, contentType } = posted(preset, aNotification({ phase: 'failed' }));
    expect(answerOf(preset, { body: body.slice(1), contentType })).toBe('is no JSON');
    expect(answerOf(preset, { body, contentType: 'text/plain' })).toContain('text/plain');
    expect(answerOf(preset, { body: '{}', contentType })).not.toBe('accepted');
    const more = body.replace(/"([\w$]+)":/, '"no_such_field": 1, "$1":');
    expect(answerOf(preset, { body: more, contentType })).not.toBe('accepted');
    expect(answerOf(preset, { body: body.padEnd(1_100_000), contentType })).toContain('bytes');
  });
});

describe('the cluster', () => {
  it.each(NAMES)('stands in a message of %s by the variable that is allowed', (preset) => {
    expect(JSON.stringify(parsed(preset, aNotification({ phase: 'failed' })))).toContain('prod');
  });
});

describe('PagerDuty', () => {
  const of = (changes: Parameters<typeof aNotification>[0]) =>
    parsed('pagerduty', aNotification(changes)) as Readonly<Record<string, unknown>>;

  it('resolves what it opened, whichever event it is told with, and has its key in the body alone', () => {
    const opened = of({ phase: 'failed', event: { eventId: 'spot-1' } });
    const resolved = of({ phase: 'drained', event: { eventId: 'rebalance-2' } });
    expect(opened).toMatchObject({ event_action: 'trigger', routing_key: KEY, payload: { severity: 'error' } });
    expect(resolved).toEqual({ event_action: 'resolve', routing_key: KEY, dedup_key: opened.dedup_key });
    expect(bodies.pagerduty.options.url.href).toBe('https://events.example.com/v2/enqueue');
  });

  it.each([
    ['received', undefined, 'trigger'],
    ['received', 'nothing-to-do', 'resolve'],
    ['cordoned', 'pending', 'trigger'],
    ['cordoned', 'done', 'resolve'],
    ['failed', 'lost', 'trigger'],
    ['drained', 'dry-run', 'resolve'],
    ['cancelled', 'pending', 'trigger'],
    ['cancelled', undefined, 'resolve'],
    ['uncordoned', undefined, 'resolve'],
  ] as const)('%s (%s) is to %s', (phase, outcome, action) => {
    expect(of({ phase, outcome })).toMatchObject({ event_action: action });
  });

  it('keeps an alert open that an event which asks for nothing did not open', () => {
    const opened = of({ phase: 'failed' });
    const ignored = of({ phase: 'received', outcome: 'nothing-to-do', event: { eventId: 'rebalance-2' } });
    expect(ignored.dedup_key).not.toBe(opened.dedup_key);
    expect(ignored.dedup_key).toContain('rebalance-2');
  });

  it('is refused without its key, which is never said', async () => {
    for (const url of ['https://events.example.com/', 'https://events.example.com/?routing_key=hunter2']) {
      const refused = bodyOf(checkOptions({ url }), { url, preset: 'pagerduty' });
      await expect(refused).rejects.toThrow(
        'url must end with ?routing_key=… for the preset pagerduty: the integration key, of 32 characters',
      );
      await expect(refused).rejects.not.toThrow('hunter2');
    }
  });
});

describe('CloudEvents', () => {
  it('is smaller than everybody on its way forwards, whatever variables and other events there are', async () => {
    const templateEnv = { CLUSTER: 'x'.repeat(100_000), STAGE: 'prod' };
    const { render } = await bodyOf(checkOptions(options), { ...options, templateEnv, preset: 'cloudevents', clock });
    const otherEvents = Array.from({ length: 2_000 }, (_, index) => `asg-lifecycle-term-${index}`);
    const body = render(aNotification({ otherEvents }));
    expect(body.length).toBeLessThan(65_536);
    const { data } = JSON.parse(body.toString()) as { data: { env: unknown; event: { others: unknown } } };
    expect(data.env).toEqual({ CLUSTER: `${'x'.repeat(297)}...`, STAGE: 'prod' });
    expect(data.event.others).toEqual(otherEvents.slice(0, 50));
  });
});

describe('Alertmanager', () => {
  const alerts = (changes: Parameters<typeof aNotification>[0]) =>
    parsed('alertmanager', aNotification(changes)) as readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly startsAt?: string;
      readonly endsAt: string;
    }[];

  it.each([
    ['received', 'NodeInterruption'],
    ['overdue', 'NodeDrainOverdue'],
    ['failed', 'NodeDrainFailed'],
  ] as const)('resolves what %s opened, by the same labels', (phase, alertname) => {
    const [opened, ...more] = alerts({ phase, event: { eventId: 'spot-1' } });
    expect(more).toEqual([]);
    expect(opened?.labels).toMatchObject({ alertname, instance_id: 'i-0123456789abcdef0' });
    expect(Date.parse(opened?.endsAt ?? '') - clock.now()).toBe(86_400_000);
    const ended = alerts({ phase: 'drained', event: { eventId: 'rebalance-2' } });
    expect(ended.map(({ labels }) => labels)).toContainEqual(opened?.labels);
    for (const { startsAt, endsAt } of ended) expect([startsAt, Date.parse(endsAt)]).toEqual([undefined, clock.now()]);
  });
});
