import { describe, expect, it } from 'vitest';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { summaryOf } from './summary.ts';
import { cordoned, drained, every } from './testing/steps.ts';

const TOLD: ReadonlySet<InterruptionProgress['type']> = new Set([
  'received',
  'cordoned',
  'cordon-failed',
  'drained',
  'drain-failed',
  'pods-lost',
  'overdue',
  'cancelled',
  'uncordoned',
]);

describe('a step in one sentence', () => {
  it.each(every)('is there for what people are told of, and for nothing else: $type', (step) => {
    expect(summaryOf(step) !== undefined).toBe(TOLD.has(step.type));
  });

  it('says in a dry run what would be done', () => {
    const dry = (step: InterruptionProgress) => summaryOf({ ...step, dryRun: true } as InterruptionProgress);
    expect(dry(cordoned)).toBe('The node would be cordoned (dry run)');
    expect(dry(drained)).toBe('The node would be cordoned and drained (dry run)');
  });
});
