import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { instanceId } from '../event.ts';
import { NOW } from '../testing/queue-bodies.ts';
import { targetLifecycleState, targetLifecycleStateSample } from './target-lifecycle-state.ts';

const context = { instanceId: instanceId('i-0b662ef9931388ba0'), now: NOW };

describe('autoscaling/target-lifecycle-state', () => {
  it.each([targetLifecycleStateSample, 'Terminated\n'])('becomes an event without a hook: %j', (body) => {
    const hash = createHash('sha256').update('["ASG_LIFECYCLE","i-0b662ef9931388ba0","Terminated"]').digest('hex');
    expect(targetLifecycleState.parse(body, context)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'ASG_LIFECYCLE',
          id: `target-lifecycle-state-terminated-${hash}`,
          monitor: 'ASG_LIFECYCLE_MONITOR',
          description: 'ASG target lifecycle state received. Instance will be terminated',
          instanceId: 'i-0b662ef9931388ba0',
          noticedAt: NOW,
          startTime: NOW,
          state: 'Terminated',
        },
      ],
    });
  });

  it.each(['Warmed:Stopped', 'Warmed:Running', 'Warmed:Hibernated'])(
    'becomes an event of an instance that goes into the warm pool: %s',
    (state) => {
      expect(targetLifecycleState.parse(state, context)).toMatchObject({
        events: [
          {
            description: 'ASG target lifecycle state received. Instance will be put into the warm pool',
            state,
            destination: 'WarmPool',
          },
        ],
      });
    },
  );

  it('becomes an event of an instance that ends in the warm pool', () => {
    const outcome = targetLifecycleState.parse('Warmed:Terminated', context);
    expect(outcome).toMatchObject({ events: [{ state: 'Warmed:Terminated' }] });
    expect(outcome).not.toMatchObject({ events: [{ destination: 'WarmPool' }] });
  });

  it.each(['InService', 'Standby', 'Detached', 'terminated'])('leaves %s alone', (body) => {
    expect(targetLifecycleState.parse(body, context)).toEqual({
      status: 'not-actionable',
      reason: `target lifecycle state "${body}" needs no action`,
    });
  });

  it('means no group when it is empty', () => {
    expect(targetLifecycleState.parse('\n', context)).toEqual({
      status: 'not-actionable',
      reason: 'the instance has no target lifecycle state',
    });
  });

  it.each(['<!doctype html>', '{"state":"Terminated"}', 'x'.repeat(64)])('is poison: %s', (body) => {
    expect(targetLifecycleState.parse(body, context)).toEqual({
      status: 'poison',
      reason: 'autoscaling/target-lifecycle-state: is not a lifecycle state',
    });
  });
});
