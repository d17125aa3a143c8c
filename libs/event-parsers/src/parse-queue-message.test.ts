import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { directAutoScalingSample } from './envelope.ts';
import { parseQueueMessage } from './parse-queue-message.ts';
import { capacityReservationInterruptionSample } from './queue/capacity-reservation-interruption.ts';
import { healthScheduledChangeSample } from './queue/health-scheduled-change.ts';
import { lifecycleLaunchSample } from './queue/lifecycle-launch.ts';
import { lifecycleTerminationSample } from './queue/lifecycle-termination.ts';
import { rebalanceRecommendationSample } from './queue/rebalance-recommendation.ts';
import { spotInterruptionSample } from './queue/spot-interruption.ts';
import { stateChangeSample } from './queue/state-change.ts';
import { anyText } from './testing/any-text.ts';
import { bodyOf, NOW, wrapInSns } from './testing/queue-bodies.ts';

const samples: readonly Readonly<Record<string, unknown>>[] = [
  spotInterruptionSample,
  rebalanceRecommendationSample,
  stateChangeSample,
  lifecycleTerminationSample,
  lifecycleLaunchSample,
  capacityReservationInterruptionSample,
  healthScheduledChangeSample,
  directAutoScalingSample,
];

/** A sample with some of its fields, at both levels, changed to anything. */
const damagedSample = fc.constantFrom(...samples).chain((sample) => {
  const detail = typeof sample.detail === 'object' && sample.detail !== null ? sample.detail : {};
  const keys = [...Object.keys(sample), ...Object.keys(detail), '__proto__', 'constructor'];
  const changes = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue(), { maxKeys: 3 });
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
          for (const { description } of outcome.events) expect(description).toMatch(/^[^\p{Cc}\u2028\u2029]+$/u);
        } else {
          expect(outcome.reason).toMatch(/^[^\p{Cc}\u2028\u2029]{1,300}$/u);
        }
      }),
      { numRuns: 500 },
    );
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

  it('reads a Health message with ten thousand instances', () => {
    const affectedEntities = Array.from({ length: 10_000 }, (_, index) => ({
      entityValue: `i-${index.toString(16).padStart(17, '0')}`,
    }));
    expect(ids(bodyOf(healthScheduledChangeSample, {}, { affectedEntities }), NOW)).toHaveLength(10_000);
  });
});

function ids(body: string, now: Date): string[] {
  const outcome = parseQueueMessage(body, now);
  if (outcome.status !== 'events') throw new Error(outcome.reason);
  return outcome.events.map((event) => event.id);
}
