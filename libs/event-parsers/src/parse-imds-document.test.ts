import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { instanceId } from './event.ts';
import { rebalanceRecommendationDocumentSample } from './imds/rebalance-recommendation.ts';
import { scheduledEventsSample } from './imds/scheduled-events.ts';
import { spotInstanceActionSample } from './imds/spot-instance-action.ts';
import { IMDS_DOCUMENT_PATHS, parseImdsDocument } from './parse-imds-document.ts';
import type { ImdsDocumentName } from './parse-imds-document.ts';
import { anyText } from './testing/any-text.ts';
import { NOW } from './testing/queue-bodies.ts';

const context = { instanceId: instanceId('i-0b662ef9931388ba0'), now: NOW };

const name = fc.constantFrom<ImdsDocumentName>(
  'spot-instance-action',
  'rebalance-recommendation',
  'scheduled-events',
  'target-lifecycle-state',
);

const damaged = fc
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

const anyBody = fc.oneof(anyText(), fc.json(), damaged, fc.stringMatching(/^[A-Za-z:]{0,12}$/));

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
      fc.property(name, anyBody, (document, body) => {
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
      fc.property(name, anyBody, fc.date({ noInvalidDate: true }), (document, body, now) => {
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
