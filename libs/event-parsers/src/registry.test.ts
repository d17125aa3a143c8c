import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directAutoScalingSample } from './envelope.ts';
import { instanceId } from './event.ts';
import { rebalanceRecommendationDocumentSample } from './imds/rebalance-recommendation.ts';
import { scheduledEventsSample } from './imds/scheduled-events.ts';
import { spotInstanceActionSample } from './imds/spot-instance-action.ts';
import {
  capacityReservationInterruptionSample,
  interruptibleCapacityReservationInterruptionSample,
} from './queue/capacity-reservation-interruption.ts';
import { healthScheduledChangeSample } from './queue/health-scheduled-change.ts';
import { lifecycleLaunchSample, lifecycleTerminationSample } from './queue/lifecycle-action.ts';
import { rebalanceRecommendationSample } from './queue/rebalance-recommendation.ts';
import { spotInterruptionSample } from './queue/spot-interruption.ts';
import { stateChangeSample } from './queue/state-change.ts';
import { IMDS_DOCUMENT_PATHS, parseImdsDocument, parseQueueMessage, queueParsers } from './registry.ts';
import type { ImdsDocumentName } from './registry.ts';
import { anyText } from './testing/any-text.ts';
import { bodyOf, NOW, wrapInSns } from './testing/queue-bodies.ts';

const samples: readonly Readonly<Record<string, unknown>>[] = [
  spotInterruptionSample,
  rebalanceRecommendationSample,
  stateChangeSample,
  lifecycleTerminationSample,
  lifecycleLaunchSample,
  capacityReservationInterruptionSample,
  interruptibleCapacityReservationInterruptionSample,
  healthScheduledChangeSample,
  directAutoScalingSample,
];

/** Any value; among them objects whose fields have the names of what JavaScript calls by itself. */
const hostileValue = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.constantFrom('toString', 'valueOf', 'toJSON', 'constructor', '__proto__', 'length', 'trim'),
    fc.jsonValue(),
  ),
);

/** A sample with some of its fields, at both levels, changed to anything or taken away. */
const damagedSample = fc.constantFrom(...samples).chain((sample) => {
  const detail = typeof sample.detail === 'object' && sample.detail !== null ? sample.detail : {};
  const keys = [...Object.keys(sample), ...Object.keys(detail), '__proto__', 'constructor'];
  const changes = fc.dictionary(fc.constantFrom(...keys), fc.option(hostileValue, { nil: undefined }), { maxKeys: 3 });
  return fc.tuple(changes, changes).map(([outer, inner]) => bodyOf(sample, outer, inner));
});

const anyBody = fc.oneof(anyText(), fc.json(), damagedSample, damagedSample.map(wrapInSns), fc.string().map(wrapInSns));

describe('parseQueueMessage', () => {
  it('never throws, and always says in one line what it found', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        const outcome = parseQueueMessage(body, NOW);
        if (outcome.status === 'events') {
          expect(outcome.events.length).toBeGreaterThan(0);
          for (const { description, id } of outcome.events) {
            expect(description).toMatch(/^[^\p{Cc}\u2028\u2029]+$/u);
            expect(id).toMatch(/^[A-Za-z0-9._:/=@+~-]{1,128}$/);
          }
        } else {
          expect(outcome.reason).toMatch(/^[^\p{Cc}\u2028\u2029]{1,300}$/u);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, whatever stands in whichever field', () => {
    const direct = Object.fromEntries(
      Object.entries(directAutoScalingSample).filter(([name]) => !['RequestId', 'LifecycleActionToken'].includes(name)),
    );
    const values = [
      // What JavaScript calls by itself, and what is too deep for recursion.
      ...['toString', 'valueOf', 'toJSON', '__proto__', 'constructor'].map((name) => `{"${name}":1}`),
      ...['null', '1', '""', '[]', '{}', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ];
    for (const sample of [...samples, direct, { ...direct, LifecycleTransition: undefined, Event: 'x' }]) {
      const detail = typeof sample.detail === 'object' && sample.detail !== null ? sample.detail : {};
      const templates = [
        ...Object.keys(sample).map((name) => bodyOf(sample, { [name]: '\0' })),
        ...Object.keys(detail).map((name) => bodyOf(sample, {}, { [name]: '\0' })),
      ];
      for (const template of templates)
        for (const value of values) {
          const body = template.replace(JSON.stringify('\0'), value);
          for (const each of [body, wrapInSns(body)]) expect(parseQueueMessage(each, NOW)).toHaveProperty('status');
        }
    }
  });

  it('finds the same in the same bytes', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        expect(parseQueueMessage(body, NOW)).toEqual(parseQueueMessage(body, NOW));
      }),
    );
  });

  it('gives the same notice the same id, whatever the clock', () => {
    for (const sample of samples) {
      expect(ids(bodyOf(sample), new Date(0))).toEqual(ids(bodyOf(sample), NOW));
    }
  });

  it('gives different notices different ids', () => {
    const id = anyText({ minLength: 1, maxLength: 20 });
    const notices = fc.uniqueArray(fc.tuple(fc.nat(samples.length - 1), id), {
      // The direct notification and the one through EventBridge share their name space, as their ids come from AWS.
      selector: ([sample, text]) => `${sample === samples.length - 1 ? 3 : sample}/${text}`,
    });
    fc.assert(
      fc.property(notices, (list) => {
        const all = list.flatMap(([sample, text]) => ids(bodyOf(samples[sample]!, { id: text, RequestId: text }), NOW));
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });

  it('reads each kind in the version of its sample', () => {
    const delivered = samples.filter((sample) => 'detail-type' in sample);
    expect(queueParsers.map(({ source, detailType, version }) => [source, detailType, version])).toEqual(
      delivered.map((sample) => [sample.source, sample['detail-type'], sample.version]),
    );
  });

  it('reads a thousand instances of a Health message', () => {
    const affectedEntities = Array.from({ length: 10_000 }, (_, index) => ({
      entityValue: `i-${index.toString(16).padStart(17, '0')}`,
    }));
    expect(ids(bodyOf(healthScheduledChangeSample, {}, { affectedEntities }), NOW)).toHaveLength(1_000);
  });

  it.each([
    spotInterruptionSample,
    rebalanceRecommendationSample,
    stateChangeSample,
    capacityReservationInterruptionSample,
  ])('reads over white space around words, as a sample of AWS’s own has it (A21): $detail-type', (sample) => {
    const padded = Object.fromEntries(Object.entries(sample.detail).map(([key, text]) => [key, ` ${text}\n`]));
    expect(parseQueueMessage(bodyOf(sample, { detail: padded }), NOW)).toEqual(parseQueueMessage(bodyOf(sample), NOW));
  });
});

function ids(body: string, now: Date): string[] {
  const outcome = parseQueueMessage(body, now);
  if (outcome.status !== 'events') throw new Error(outcome.reason);
  return outcome.events.map((event) => event.id);
}

const context = { instanceId: instanceId('i-0b662ef9931388ba0'), now: NOW };

const name = fc.constantFrom<ImdsDocumentName>(
  'spot-instance-action',
  'rebalance-recommendation',
  'scheduled-events',
  'target-lifecycle-state',
);

const damagedDocument = fc
  .tuple(
    fc.constantFrom(spotInstanceActionSample, rebalanceRecommendationDocumentSample, scheduledEventsSample[0]!),
    fc.dictionary(
      fc.constantFrom('action', 'time', 'noticeTime', 'NotBefore', 'EventId', 'Code', 'State'),
      fc.jsonValue(),
    ),
  )
  .chain(([sample, changes]) => {
    const value = { ...sample, ...changes };
    return fc.constantFrom(JSON.stringify(value), JSON.stringify([value]), JSON.stringify([value, 1, null]));
  });

const anyDocument = fc.oneof(anyText(), fc.json(), damagedDocument, fc.stringMatching(/^[A-Za-z:]{0,12}$/));

describe('IMDS_DOCUMENT_PATHS', () => {
  it('says where each document is', () => {
    expect(IMDS_DOCUMENT_PATHS).toEqual({
      'spot-instance-action': '/latest/meta-data/spot/instance-action',
      'rebalance-recommendation': '/latest/meta-data/events/recommendations/rebalance',
      'scheduled-events': '/latest/meta-data/events/maintenance/scheduled',
      'target-lifecycle-state': '/latest/meta-data/autoscaling/target-lifecycle-state',
    });
  });
});

describe('parseImdsDocument', () => {
  it('never throws, and always says in one line what it found', () => {
    fc.assert(
      fc.property(name, anyDocument, (document, body) => {
        const outcome = parseImdsDocument(document, body, context);
        if (outcome.status === 'events') {
          expect(outcome.events.length).toBeGreaterThan(0);
          for (const { description } of outcome.events) expect(description).toMatch(/^[^\p{Cc}\u2028\u2029]+$/u);
        } else {
          expect(outcome.reason).toMatch(/^[^\p{Cc}\u2028\u2029]{1,300}$/u);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds the same notices at every poll, whatever the clock', () => {
    fc.assert(
      fc.property(name, anyDocument, fc.date({ noInvalidDate: true }), (document, body, now) => {
        const ids = [context, { ...context, now }].map((at) => {
          const outcome = parseImdsDocument(document, body, at);
          return outcome.status === 'events' ? outcome.events.map(({ id }) => id) : outcome;
        });
        expect(ids[1]).toEqual(ids[0]);
      }),
    );
  });

  it.each([
    ['spot-instance-action', '<html>'],
    ['rebalance-recommendation', '<html>'],
    ['scheduled-events', '<html>'],
    ['target-lifecycle-state', '<html>'],
    ['spot-instance-action', '{"action":"termi'],
    ['rebalance-recommendation', ''],
    ['scheduled-events', ''],
    ['scheduled-events', '{}'],
    ['spot-instance-action', '[]'],
    ['spot-instance-action', 'null'],
  ] as const)('takes %s with %j for poison', (document, body) => {
    expect(parseImdsDocument(document, body, context).status).toBe('poison');
  });
});
