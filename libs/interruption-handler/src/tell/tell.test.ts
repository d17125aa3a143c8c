import type { DrainProgress } from '@node-termination-handler/node-drainer';
import { createMetrics } from '@node-termination-handler/metrics';
import { describe, expect, it, vi } from 'vitest';
import type { InterruptionProgress, ProgressStep } from '../handler/progress.ts';
import { MemoryClient } from '../testing/api-server.ts';
import { after, lifecycle, rebalance, scheduled, spot, START } from '../testing/events.ts';
import { countStep } from './count.ts';
import { createEventRecorder } from './event-recorder.ts';
import { kubernetesEvents } from './kubernetes-event.ts';
import { logLine } from './log-line.ts';
import { webhookNotification } from './webhook-notification.ts';

const event = spot('spot-1');
const node = { name: 'node-1', uid: 'uid-1', providerId: 'aws:///eu-west-1a/i-1', labels: { team: 'blue' } };
const pod = { namespace: 'default', name: 'web-1', uid: 'pod-1' };

function step(
  own: Record<string, unknown> & { type: InterruptionProgress['type'] },
  more: Partial<ProgressStep> = {},
): InterruptionProgress {
  return { at: after(1), event, node, ...more, ...own } as InterruptionProgress;
}

function draining(own: Record<string, unknown> & { type: DrainProgress['type'] }): InterruptionProgress {
  return step({
    type: 'draining',
    progress: { at: START, node: 'node-1', pod, message: 'because', until: after(5), attempt: 1, ...own },
  });
}

const hook = { autoScalingGroupName: 'workers', lifecycleHookName: 'drain', lifecycleActionToken: 'token' };
const cordoned = step({ type: 'cordoned', changed: true, wasCordoned: false, final: false, dryRun: false });
const final = { ...cordoned, final: true } as InterruptionProgress;
const drained = step({
  type: 'drained',
  podsEvicted: 3,
  pods: ['web-1'],
  secondsLeft: 90,
  durationMs: 1234.567,
  dryRun: false,
});
const failed = step({
  type: 'drain-failed',
  reason: 'a budget',
  pods: ['web-1'],
  podsLeft: ['default/web-1'],
  durationMs: 1,
});

const every: readonly InterruptionProgress[] = [
  step({ type: 'received', decision: { action: 'drain', actAt: START, deadline: after(120) } }),
  step({ type: 'ignored', reason: 'none' }),
  step({ type: 'waiting', until: after(60) }),
  step({ type: 'node-not-found' }),
  step({ type: 'retrying', step: 'mark', reason: 'reset' }),
  step({ type: 'held-elsewhere', holder: 'b' }),
  cordoned,
  final,
  step({ type: 'cordon-failed', reason: 'down', final: true }),
  step({ type: 'cordon-failed', reason: 'down', final: false }),
  step({ type: 'drain-began', deadline: after(120) }),
  step({ type: 'attached', deadline: after(60), tightened: true }),
  draining({
    type: 'planned',
    pods: [{ pod, decision: 'evict', reason: 'ordinary', graceSeconds: 30 }],
    warnings: ['emptyDir'],
    deadline: after(1),
  }),
  draining({ type: 'evicting', how: 'evict' }),
  draining({ type: 'evicting', how: 'delete' }),
  draining({ type: 'evicted' }),
  draining({ type: 'deleted', reason: 'deadline' }),
  draining({ type: 'deleted', reason: 'completed' }),
  draining({ type: 'blocked', budget: 'web' }),
  draining({ type: 'blocked', attempt: 2 }),
  draining({ type: 'throttled' }),
  draining({ type: 'retrying' }),
  draining({ type: 'refused' }),
  draining({ type: 'gone', podsLeft: 2 }),
  draining({ type: 'at-risk', pods: [pod], secondsShort: 7 }),
  draining({ type: 'tightened', deadline: after(9) }),
  draining({ type: 'disconnected' }),
  draining({ type: 'left', state: 'blocked' }),
  draining({ type: 'finished', outcome: 'drained', durationMs: 3 }),
  drained,
  failed,
  step({ type: 'completed', action: 'message deleted' }),
  step({ type: 'completion-failed', reason: '500' }),
  step({ type: 'cancelled', reason: 'gone' }),
  step({ type: 'uncordoned', reason: 'gone' }),
  step({ type: 'uncordon-failed', reason: 'down' }),
];

describe('the log', () => {
  it('says every step in one line, with the event and the node', () => {
    for (const each of every) {
      const { message, fields } = logLine(each);
      expect(message).toMatch(/^\S.*[^.]$/);
      expect(fields).toMatchObject({
        'event-id': 'spot-1',
        kind: 'SPOT_ITN',
        'instance-id': 'i-1',
        'node-name': 'node-1',
        'provider-id': 'aws:///eu-west-1a/i-1',
        monitor: 'SQS_MONITOR',
      });
    }
    expect(logLine(drained)).toMatchObject({
      level: 'info',
      message: 'Node successfully cordoned and drained',
      fields: { node_name: 'node-1', reason: event.description, 'pods-evicted': 3, 'duration-ms': 1234.6 },
    });
  });

  it('has the messages of the Go handler, which people search for', () => {
    expect(every.map((each) => logLine(each).message)).toEqual(
      expect.arrayContaining([
        'Requesting instance drain',
        'Node successfully cordoned',
        'There was a problem while trying to cordon the node',
        'Draining the node',
        'Pods on node',
        'Node successfully cordoned and drained',
        'There was a problem while trying to cordon and drain the node',
        'Uncordoning the node failed',
      ]),
    );
    const later = step({ type: 'received', decision: { action: 'drain', actAt: after(60), deadline: after(120) } });
    expect(logLine(later).message).toBe('event received');
  });

  it('warns of a clock that is not the service’s', () => {
    const decision = { action: 'drain', actAt: START, deadline: after(120) };
    const received = step({ type: 'received', decision, at: after(-60) });
    expect(logLine(received)).toMatchObject({ level: 'warn', fields: { 'clock-skew-seconds': 60 } });
    expect(logLine(step({ type: 'received', decision })).level).toBe('info');
  });

  it('says what would be done in a dry run, and what was there already', () => {
    expect(logLine({ ...drained, dryRun: true } as InterruptionProgress).message).toContain(
      'would have been cordoned and drained',
    );
    expect(logLine({ ...cordoned, dryRun: true } as InterruptionProgress).message).toContain(
      'would have been cordoned',
    );
    expect(logLine({ ...cordoned, changed: false } as InterruptionProgress).message).toContain('already');
    expect(logLine({ ...cordoned, wasCordoned: true } as InterruptionProgress).message).toContain(
      'was cordoned already',
    );
  });

  it('says a budget aloud once, and its later refusals only to those who debug', () => {
    expect(logLine(draining({ type: 'blocked' })).level).toBe('warn');
    expect(logLine(draining({ type: 'blocked', attempt: 2 })).level).toBe('debug');
  });
});

describe('the webhook', () => {
  const usual = new Set(['drained', 'failed'] as const);
  const context = { metadata: { region: 'eu-west-1' }, isManaged: true, instanceType: 'm5.large' };

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

  it('hears of what was asked for only, and of the group of a lifecycle action', () => {
    expect(webhookNotification(every[0]!, usual, context)).toBeUndefined();
    expect(webhookNotification(every[0]!, new Set(['received']), context)?.phase).toBe('received');
    const terminating = { ...lifecycle('l-1'), autoScalingGroupName: 'workers' };
    expect(webhookNotification({ ...drained, event: terminating }, usual, context)?.event.autoScalingGroupName).toBe(
      'workers',
    );
  });
});

describe('Kubernetes events', () => {
  const reasons = (each: InterruptionProgress): string[] => kubernetesEvents(each).map(({ reason }) => reason);

  it('carry the reasons that people filter for', () => {
    expect(reasons(cordoned)).toEqual(['SpotInterruption', 'PreDrain']);
    expect(reasons(final)).toEqual(['SpotInterruption', 'PreDrain', 'Cordon']);
    expect(reasons(drained)).toEqual(['CordonAndDrain']);
    expect(reasons(failed)).toEqual(['CordonAndDrainError']);
    const terminating = { ...lifecycle('l-1'), hook };
    expect(reasons({ ...failed, event: terminating })).toEqual(['CordonAndDrainError', 'CancelDrain']);
    const all = new Set(every.flatMap(reasons));
    expect([...all].sort()).toEqual([
      'CancelDrain',
      'CancelDrainError',
      'Cordon',
      'CordonAndDrain',
      'CordonAndDrainError',
      'CordonError',
      'PodEviction',
      'PostDrain',
      'PostDrainError',
      'PreDrain',
      'PreDrainError',
      'SpotInterruption',
      'Uncordon',
      'UncordonError',
    ]);
  });

  it('name the kind of the event', () => {
    const kinds = [
      scheduled('e'),
      rebalance('r'),
      lifecycle('l'),
      { ...spot('c'), kind: 'CAPACITY_RESERVATION_ITN' as const },
      { ...lifecycle('s'), kind: 'STATE_CHANGE' as const, state: 'stopping' as const },
    ];
    expect(kinds.map((each) => reasons({ ...cordoned, event: each })[0])).toEqual([
      'ScheduledEvent',
      'RebalanceRecommendation',
      'ASGLifecycle',
      'CapacityReservationInterruption',
      'StateChange',
    ]);
  });

  it('are put on the pod that is evicted, and on no node that is not known', () => {
    expect(kubernetesEvents(draining({ type: 'evicted' }))).toMatchObject([
      {
        subject: { kind: 'Pod', namespace: 'default', name: 'web-1', uid: 'pod-1' },
        type: 'Normal',
        reason: 'PodEviction',
        message: 'Pod evicted due to node drain (node node-1)',
        annotations: { node: 'node-1' },
      },
    ]);
    const { node: _node, ...unknown } = drained;
    expect(kubernetesEvents(unknown as InterruptionProgress)).toEqual([]);
  });

  it('are written once, and counted when they come again', async () => {
    let now = START;
    const client = new MemoryClient({});
    const recorder = createEventRecorder(client, { host: 'pod-1', annotations: { team: 'blue' }, now: () => now });
    const [said] = kubernetesEvents(drained);
    recorder.record(said!, { region: 'eu-west-1', team: 'of the instance' });
    recorder.record(said!);
    await recorder.idle();
    now = after(3600);
    recorder.record(said!);
    await recorder.idle();
    expect(client.calls.map(({ verb, namespace }) => [verb, namespace])).toEqual([
      ['create', 'default'],
      ['patch', 'default'],
      ['create', 'default'],
    ]);
    expect(client.calls[0]!.body).toMatchObject({
      metadata: { annotations: { team: 'blue', region: 'eu-west-1' } },
      involvedObject: { kind: 'Node', name: 'node-1', uid: 'uid-1' },
      reason: 'CordonAndDrain',
      source: { component: 'aws-node-termination-handler', host: 'pod-1' },
      firstTimestamp: '2026-01-02T03:04:05Z',
      count: 1,
    });
    expect(client.calls[1]!.body).toMatchObject({ count: 2 });
  });

  it('that cannot be written are said, and hold nothing up', async () => {
    const client = new MemoryClient({});
    client.failures.create = [new Error('forbidden')];
    const onFailed = vi.fn();
    const recorder = createEventRecorder(client, { host: 'pod-1', onFailed });
    for (const each of kubernetesEvents(draining({ type: 'evicted' }))) recorder.record(each);
    await recorder.idle();
    expect(onFailed).toHaveBeenCalledWith(new Error('forbidden'));
  });
});

describe('metrics', () => {
  it('count actions and failures, and measure from the notice', async () => {
    using metrics = createMetrics();
    for (const each of every) countStep(each, metrics);
    const { body } = await metrics.scrape();
    const value = (series: RegExp): number => Number(new RegExp(`${series.source} (\\S+)`, 'm').exec(body)?.[1]);
    expect(value(/^actions_total\{node_action="cordon-and-drain",node_status="success"[^}]*\}/)).toBe(1);
    expect(value(/^actions_total\{node_action="cordon-and-drain",node_status="error"[^}]*\}/)).toBe(2);
    expect(value(/^actions_total\{node_action="cordon",node_status="success"[^}]*\}/)).toBe(1);
    expect(value(/^actions_total\{node_action="post-drain",node_status="error"[^}]*\}/)).toBe(1);
    expect(value(/^actions_total\{node_action="uncordon",node_status="error"[^}]*\}/)).toBe(1);
    expect(value(/^actions_total\{node_action="pre-drain",node_status="error"[^}]*\}/)).toBe(2);
    // Of what watches for events, as it is in the Go handler, and no drain is that.
    expect(value(/^events_error_total\{event_error_where="SQS_MONITOR"[^}]*\}/)).toBe(0);
    expect(value(/^nth_notice_to_drained_seconds_sum\{kind="SPOT_ITN"\}/)).toBe(1);
    expect(value(/^nth_evictions_blocked_total/)).toBe(2);
    expect(body).not.toMatch(/node-1|spot-1|web-1/);
  });
});
