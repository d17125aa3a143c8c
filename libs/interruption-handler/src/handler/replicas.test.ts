import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { beforeEach, describe, expect, it } from 'vitest';
import { CLAIM_ANNOTATION, readClaim } from '../claim.ts';
import { after, scheduled, spot } from '../testing/events.ts';
import { ScriptedCluster } from '../testing/scripted-cluster.ts';
import { InterruptionHandler } from './handler.ts';

let clock: VirtualClock;
let cluster: ScriptedCluster;

beforeEach(() => {
  clock = new VirtualClock({ turns: 2 });
  cluster = new ScriptedCluster();
  cluster.add('node-1', 'i-1');
});

const pass = (ms: number): Promise<void> => clock.advance(ms);
const claimNow = () => readClaim(cluster.nodes.get('node-1')!.annotations);

describe('a claim', () => {
  it('is written with the cordon, renewed while the drain runs and left as done', async () => {
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    const result = handler.handle(spot('spot-1'));
    await pass(100);
    expect(claimNow()).toEqual({ holder: 'a', state: 'draining', until: after(20) });
    await pass(60_000);
    expect(claimNow()!.until.getTime()).toBeGreaterThan(after(70).getTime());
    cluster.drains[0]!.finish();
    await result;
    expect(claimNow()).toMatchObject({ holder: 'a', state: 'drained' });
  });

  it('is given up when the drain fails', async () => {
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    const result = handler.handle(spot('spot-1'));
    await pass(100);
    cluster.drains[0]!.finish('failed');
    await result;
    expect(cluster.nodes.get('node-1')!.annotations[CLAIM_ANNOTATION]).toBeUndefined();
  });

  it('of another replica is waited for, and its work counts', async () => {
    cluster.claim('node-1', { holder: 'b', state: 'draining', until: after(20) });
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    const result = handler.handle(spot('spot-1'));
    await pass(5_000);
    cluster.claim('node-1', { holder: 'b', state: 'drained', until: after(300) });
    await pass(1_000);
    expect(await result).toEqual({ status: 'done', action: 'drain', nodeName: 'node-1', doneBy: 'b' });
    expect(cluster.log).toEqual([]);
  });

  it('that ended as drained leaves a cordon that can be taken back when the event is cancelled later', async () => {
    const annotations = { 'aws-node-termination-handler/cordoned-for': 'event-1' };
    cluster.add('node-1', 'i-1', { unschedulable: true, annotations });
    cluster.claim('node-1', { holder: 'b', state: 'drained', until: after(300) });
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    expect(await handler.handle(scheduled('event-1'))).toMatchObject({ status: 'done', doneBy: 'b' });
    expect(await handler.handle(scheduled('event-1', { state: 'canceled' }))).toMatchObject({ status: 'cancelled' });
    expect(cluster.log).toEqual(['restore node-1 and uncordon']);
  });

  it('of a process that was killed is waited out before its cordon is taken back for a cancelled event', async () => {
    const annotations = { 'aws-node-termination-handler/cordoned-for': 'event-1' };
    cluster.add('node-1', 'i-1', { unschedulable: true, annotations });
    cluster.claim('node-1', { holder: 'killed', state: 'draining', until: after(20) });
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    void handler.handle(scheduled('event-1'));
    await pass(1_000);
    const result = handler.handle(scheduled('event-1', { state: 'canceled' }));
    await pass(5_000);
    expect(cluster.log).toEqual([]);
    await pass(20_000);
    expect(await result).toMatchObject({ status: 'cancelled' });
    expect(cluster.log).toEqual(['restore node-1 and uncordon']);
  });

  it('of another replica, for an event of its own, is not touched when the event here is cancelled', async () => {
    const annotations = { 'aws-node-termination-handler/cordoned-for': 'asg-lifecycle-term-1' };
    cluster.add('node-1', 'i-1', { unschedulable: true, annotations });
    cluster.claim('node-1', { holder: 'b', state: 'draining', until: after(20) });
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    void handler.handle(scheduled('event-1'));
    await pass(1_000);
    const result = handler.handle(scheduled('event-1', { state: 'canceled' }));
    cluster.claim('node-1', { holder: 'b', state: 'drained', until: after(300) });
    await pass(1_000);
    expect(await result).toMatchObject({ status: 'cancelled' });
    expect(cluster.log).toEqual([]);
    expect(cluster.nodes.get('node-1')?.unschedulable).toBe(true);
  });

  it('of a replica that died is taken over when its time is over', async () => {
    cluster.claim('node-1', { holder: 'b', state: 'draining', until: after(20) });
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    const result = handler.handle(spot('spot-1'));
    await pass(19_000);
    expect(cluster.log).toEqual([]);
    await pass(2_000);
    cluster.drains[0]!.finish();
    expect(await result).toMatchObject({ status: 'done', podsEvicted: 1 });
  });

  it('that is lost by a moment is looked at again', async () => {
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    cluster.beforeMark = () => {
      cluster.claim('node-1', { holder: 'b', state: 'drained', until: after(300) });
      return Promise.resolve();
    };
    expect(await handler.handle(spot('spot-1'))).toMatchObject({ status: 'done', doneBy: 'b' });
  });

  it('that is held past the deadline ends the try', async () => {
    cluster.claim('node-1', { holder: 'b', state: 'draining', until: after(10_000) });
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    const result = handler.handle(spot('spot-1'));
    await pass(130_000);
    expect(await result).toMatchObject({ status: 'failed', reason: 'b still works on the node' });
  });
});

describe('a process that stops', () => {
  it('lets a drain end within the grace, and takes nothing new', async () => {
    const handler = new InterruptionHandler(cluster, { clock });
    const result = handler.handle(spot('spot-1'));
    await pass(100);
    const closed = handler.close({ graceMs: 20_000 });
    expect(await handler.handle(spot('spot-2'))).toEqual({ status: 'handed-back' });
    await pass(5_000);
    cluster.drains[0]!.finish();
    expect(await result).toMatchObject({ status: 'done' });
    await closed;
    expect(handler.inWork).toBe(0);
  });

  it('hands back what does not end in time, gives its claim up and leaves the node cordoned', async () => {
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    const result = handler.handle(spot('spot-1'));
    await pass(100);
    const closed = handler.close({ graceMs: 20_000 });
    await pass(21_000);
    expect(await result).toEqual({ status: 'handed-back' });
    await closed;
    expect(claimNow()).toBeUndefined();
    expect(cluster.log.some((entry) => entry.startsWith('restore'))).toBe(false);
  });

  it('hands back at once what waits for another replica or for its time', async () => {
    cluster.claim('node-1', { holder: 'b', state: 'draining', until: after(100) });
    cluster.failures.find.push(new Error('down'));
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a' });
    const result = handler.handle(spot('spot-1'));
    await pass(0);
    await handler.close({ graceMs: 20_000 });
    expect(await result).toEqual({ status: 'handed-back' });
  });
});
