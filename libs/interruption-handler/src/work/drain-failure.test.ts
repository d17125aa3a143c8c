import type { DrainFinished, Hold } from '@node-termination-handler/node-drainer';
import { expect, it } from 'vitest';
import { causeOfFailure } from './drain-failure.ts';

const pod = { namespace: 'default', name: 'web-1', uid: 'u' };
const held = (...kinds: readonly Hold['kind'][]): Pick<DrainFinished, 'reason' | 'left'> => ({
  reason: 'deadline',
  left: kinds.map((kind) => ({ pod, state: 'blocked', heldBy: { kind } })),
});

it.each([
  ['budget', held('budget')],
  ['admission', held('webhook')],
  ['admission', held('policy')],
  ['missing-right', held('budget', 'fault', 'role')],
  ['server-fault', held('fault', 'rule')],
  ['kept-by-rule', held('rule')],
  ['grace', { reason: 'deadline', left: [{ pod, state: 'terminating' }] }],
  ['kept-by-rule', { reason: 'not-allowed', left: [] }],
  ['node-gone', { reason: 'node-gone', left: [] }],
  ['node-replaced', { reason: 'node-replaced', left: [] }],
  ['unreachable', { reason: 'unreachable', left: [] }],
  ['other', undefined],
] as const)('the cause of a failed drain is %s', (cause, end) => {
  expect(causeOfFailure(end)).toBe(cause);
});
