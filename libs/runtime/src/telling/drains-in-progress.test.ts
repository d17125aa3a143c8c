import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { expect, it } from 'vitest';
import { DrainsInProgress } from './drains-in-progress.ts';

function step(uid: string | undefined, own: Record<string, unknown>): InterruptionProgress {
  return { ...(uid === undefined ? {} : { node: { name: uid, uid, labels: {} } }), ...own } as InterruptionProgress;
}

it('counts each node that is being drained once, until its drain has ended', () => {
  const drains = new DrainsInProgress();
  const steps: readonly [InterruptionProgress, number][] = [
    [step(undefined, { type: 'received' }), 0],
    [step('a', { type: 'drain-began' }), 1],
    [step('b', { type: 'drain-began' }), 2],
    [step('a', { type: 'attached' }), 2],
    [step('a', { type: 'draining', progress: { type: 'evicted' } }), 2],
    [step('a', { type: 'draining', progress: { type: 'finished' } }), 1],
    [step('a', { type: 'drained' }), 1],
    [step('b', { type: 'uncordoned' }), 0],
    [step('b', { type: 'drain-began' }), 1],
    [step('b', { type: 'drain-failed' }), 0],
  ];
  for (const [each, expected] of steps) expect(drains.after(each)).toBe(expected);
});
