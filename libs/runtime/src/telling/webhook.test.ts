import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { describe, expect, it } from 'vitest';
import { after, cordoned, drained, every, failed, final, lifecycle, podCounts, step } from './testing/steps.ts';
import { webhookNotification } from './webhook.ts';

describe('the webhook', () => {
  const usual = new Set(['drained', 'failed'] as const);
  const context = { metadata: { region: 'eu-west-1', instanceType: 'm5.large' }, isManaged: true };

  it('hears of the end of the work, with what is known of event, node and instance', () => {
    expect(webhookNotification(drained, usual, context)).toMatchObject({
      phase: 'drained',
      metadata: { region: 'eu-west-1' },
      event: {
        eventId: 'spot-1',
        kind: 'SPOT_ITN',
        nodeName: 'node-1',
        nodeLabels: { team: 'blue' },
        pods: ['web-1'],
        providerId: 'aws:///eu-west-1a/i-1',
        instanceType: 'm5.large',
        isManaged: true,
        nodeProcessed: true,
      },
    });
    expect(webhookNotification(failed, usual, context)?.phase).toBe('failed');
    const notCordoned = step({ type: 'cordon-failed', reason: '', final: true });
    expect(webhookNotification(notCordoned, usual, context)?.phase).toBe('failed');
  });

  it('hears of a cordon when that is all the event asks for, or when told so', () => {
    expect(webhookNotification(cordoned, usual, context)).toBeUndefined();
    expect(webhookNotification(final, usual, context)?.phase).toBe('cordoned');
    expect(webhookNotification(cordoned, new Set(['cordoned']), context)?.phase).toBe('cordoned');
  });

  it('hears of a notice where that is all that is done about it', () => {
    const notify = step({ type: 'received', decision: { action: 'notify', reason: 'told alone' } });
    expect(webhookNotification(notify, usual, context)).toMatchObject({
      phase: 'received',
      outcome: 'nothing-to-do',
      summary: 'Received; nothing is to be done: told alone',
    });
    expect(webhookNotification(notify, new Set(['failed']), context)).toBeUndefined();
    expect(webhookNotification({ ...notify, isFirst: false } as InterruptionProgress, usual, context)).toBeUndefined();
  });

  it('hears of a node once, however many events ask for it, with the others, and not again of what lasts', () => {
    const others = [lifecycle('l-1')];
    const [told, ...more] = [
      { ...drained, others },
      { ...drained, event: lifecycle('l-1'), isFirst: false },
    ]
      .map((each) => webhookNotification(each as InterruptionProgress, usual, context))
      .filter((each) => each !== undefined);
    expect([told?.otherEvents, more]).toEqual([['l-1'], []]);
    expect(told?.summary).toMatch(/; pods: 3 evicted; also for l-1$/);
    expect(
      webhookNotification({ ...failed, lastsMs: 300_000 } as InterruptionProgress, usual, context),
    ).toBeUndefined();
  });

  it('hears of a drain that is overdue where that is asked for, and of what is lost as of a failure', () => {
    const overdue = step({
      ...{ type: 'overdue', graceSeconds: 120, podsLeft: ['default/web-1'], heldBy: ['disruption budget web'] },
      ...{ keepsBudgets: true, deadline: after(1800) },
    });
    expect(webhookNotification(overdue, usual, context)).toBeUndefined();
    expect(webhookNotification(overdue, new Set(['overdue']), context)).toMatchObject({
      phase: 'overdue',
      summary:
        'The drain takes longer than 120 s and goes on: 1 pods are left (default/web-1), held by disruption budget web. The instance goes at 2026-01-02T03:34:05.000Z, and no disruption budget is broken before it',
      event: { nodeProcessed: false },
    });
    const lost = step({ type: 'pods-lost', podsLost: ['default/web-1'], counts: podCounts({ lost: 1 }) });
    expect(webhookNotification(lost, usual, context)).toMatchObject({ phase: 'failed', podCounts: { lost: 1 } });
  });

  it('says in one sentence what has happened, each phase in its own words', () => {
    const phases = new Set([
      'received',
      'cordoned',
      'overdue',
      'drained',
      'failed',
      'cancelled',
      'uncordoned',
    ] as const);
    const texts = every.flatMap((each) => webhookNotification(each, phases, context)?.summary ?? []);
    expect(texts).toMatchInlineSnapshot(`
      [
        "Received; the node is to be drained now",
        "The node is cordoned and will be drained",
        "The node is cordoned; no more is asked for",
        "The node could not be cordoned: down",
        "The node could not be cordoned and drained: down",
        "The drain takes longer than 120 s and goes on: 1 pods are left (default/web-1), held by disruption budget web. Nobody has said when the instance goes, and no disruption budget is broken",
        "The node is gone, and its drain was not done; pods: 1 lost with the instance",
        "The node is drained after 1 s, 90 s before the instance goes; pods: 3 evicted",
        "The node is not drained after 0 s and is tried again: a budget; pods: 1 evicted, 1 deleted past a disruption budget",
        "It is over: gone",
        "The node is in service again: gone",
      ]
    `);
  });

  it('hears how the work stands, by which alerts are opened and closed', () => {
    const all = new Set(['received', 'cordoned', 'drained', 'failed', 'cancelled'] as const);
    const outcome = (of: InterruptionProgress) => webhookNotification(of, all, context)?.outcome;
    const received = (decision: Record<string, unknown>) => step({ type: 'received', decision });
    expect(outcome(received({ action: 'drain', actAt: after(0), markBy: after(0) }))).toBe('pending');
    expect(outcome(received({ action: 'ignore', reason: 'as set' }))).toBe('nothing-to-do');
    expect([outcome(cordoned), outcome(final)]).toEqual(['pending', 'done']);
    expect(webhookNotification(drained, all, context, true)?.outcome).toBe('dry-run');
    expect(outcome(step({ type: 'pods-lost', podsLost: [], counts: podCounts() }))).toBe('lost');
    const cancelled = { type: 'cancelled', reason: 'gone' } as const;
    expect(outcome(step({ ...cancelled, isLast: true }))).toBe('over');
    expect(outcome(step({ ...cancelled, isLast: false }))).toBe('pending');
    // What the phase says by itself.
    expect([outcome(drained), outcome(failed)]).toEqual([undefined, undefined]);
  });

  it('names the one node of its program before it was found', () => {
    const { node: _node, ...early } = every[0]!;
    const told = webhookNotification(early, new Set(['received']), {
      ...context,
      nodeName: 'own',
    });
    expect(told?.event.nodeName).toBe('own');
  });

  it('hears of what was asked for only, and of the group of a lifecycle action', () => {
    expect(webhookNotification(every[0]!, usual, context)).toBeUndefined();
    expect(webhookNotification(every[0]!, new Set(['received']), context)?.phase).toBe('received');
    const terminating = { ...lifecycle('l-1'), autoScalingGroupName: 'workers' };
    expect(webhookNotification({ ...drained, event: terminating }, usual, context)?.event.autoScalingGroupName).toBe(
      'workers',
    );
  });
});
