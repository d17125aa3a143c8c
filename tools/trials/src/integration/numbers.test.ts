import { pod, podDisruptionBudget } from '@node-termination-handler/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../program.ts';
import { eventually, NODE, podNames, queueIsEmpty, specOf, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const put = (options: Parameters<typeof pod>[0]) => world.sandbox.kubernetes.put(pod({ node: NODE, ...options }));
const ofQueue = (reason: string) => ({ matches: ({ action }: { action: string }) => action === reason });

/** Starts a queue-processor whose metrics can be scraped. Tells what is not 0 of those whose name begins so, by their labels. */
async function counted(settings: Readonly<Record<string, string>>) {
  const port = String(await freePort());
  world.queueProcessor({ ENABLE_PROMETHEUS_SERVER: 'true', PROMETHEUS_SERVER_PORT: port, ...settings });
  const count = async (family: string): Promise<Readonly<Record<string, number>>> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const samples = text.matchAll(new RegExp(`^${family}\\{(.*)\\} ([1-9]\\d*)$`, 'gm'));
    return Object.fromEntries(
      [...samples].map(([, labels = '', value]) => [
        [...labels.matchAll(/"([^"]*)"/g)].map(([, each]) => each).join(' '),
        Number(value),
      ]),
    );
  };
  return { count };
}

/** How often the API server was asked for what the programs count. */
function asked(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { verb, resource, subresource } of world.sandbox.kubernetes.requests()) {
    const what = `${verb} ${subresource === '' ? resource : `${resource}/${subresource}`}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

describe('the numbers of a play', () => {
  it('are those of the API server, of AWS, and of the pods as they ended', async () => {
    put({ name: 'web-1', owner: 'ReplicaSet', graceSeconds: 1 });
    put({ name: 'api-1', owner: 'ReplicaSet', graceSeconds: 1 });
    put({ name: 'job-1', owner: 'Job', phase: 'Succeeded' });
    world.sandbox.kubernetes.put(podDisruptionBudget({ name: 'api', minAvailable: 1 }));
    world.sandbox.aws.faults.add({
      ...ofQueue('DeleteMessageBatch'),
      times: 1,
      misbehaviour: { kind: 'error', code: 'AccessDenied', status: 403 },
    });
    const { count } = await counted({ NODE_TERMINATION_GRACE_PERIOD: '10' });
    const time = new Date(Date.now() - 105_000);
    await world.sandbox.aws.sendSpotInterruption(world.instanceId, { time });
    await eventually(() => expect(podNames(world)).toEqual([]));
    await queueIsEmpty(world);
    expect(await count('nth_pods_total')).toEqual({ evicted: 1, deleted_past_budget: 1, finished: 1 });
    expect(await count('nth_drains_total')).toEqual({ 'SPOT_ITN drained emptied': 1 });
    expect(await count('nth_deadline_remaining_seconds_count')).toEqual({ SPOT_ITN: 1 });
    expect(await count('nth_claims_total')).toEqual({ taken: 1 });
    expect(await count('nth_record_writes_total')).toEqual({ written: 2 });

    const requests = Object.entries(await count('nth_kubernetes_requests_total'));
    const sums: Record<string, number> = {};
    for (const [labels, value] of requests) {
      const what = labels.split(' ').slice(0, 2).join(' ');
      sums[what] = (sums[what] ?? 0) + value;
    }
    expect(sums).toEqual(asked());
    const blocked = world.sandbox.kubernetes.requests().filter(({ code }) => code === 429).length;
    expect(blocked).toBeGreaterThan(0);
    expect(Object.fromEntries(requests)).toMatchObject({
      'create pods/eviction ok': 1,
      'create pods/eviction blocked': blocked,
      'delete pods ok': 2,
      'patch nodes ok': 2,
    });
    expect(await count('nth_aws_calls_total')).toMatchObject({
      'sqs DeleteMessageBatch denied': 1,
      'sqs DeleteMessageBatch ok': 1,
      'ec2 DescribeInstances ok': world.sandbox.aws.calls('ec2', 'DescribeInstances').length,
    });
  });

  it('are those of a drain that failed, by what held it, and of the one that then emptied the node', async () => {
    put({ name: 'web-1', owner: 'ReplicaSet', graceSeconds: 1 });
    const refusing = world.sandbox.kubernetes.faults.add({
      match: { verb: ['create', 'delete'], resource: 'pods' },
      effect: { kind: 'admission', refusal: { by: 'webhook', name: 'no.example.com' } },
    });
    const { count } = await counted({ NODE_TERMINATION_GRACE_PERIOD: '4' });
    await world.sandbox.aws.sendSpotInterruption(world.instanceId, { time: new Date(Date.now() - 116_000) });
    await eventually(async () => expect(await count('nth_drains_total')).toEqual({ 'SPOT_ITN failed admission': 1 }));
    refusing.remove();
    await eventually(() => expect(podNames(world)).toEqual([]));
    await queueIsEmpty(world);
    // An exposition may be a second old.
    await eventually(async () =>
      expect(await count('nth_drains_total')).toEqual({ 'SPOT_ITN failed admission': 1, 'SPOT_ITN drained emptied': 1 }),
    );
    expect(Object.keys(await count('nth_kubernetes_requests_total'))).toEqual(
      expect.arrayContaining(['create pods/eviction admission', 'delete pods admission']),
    );
  });

  it('count each pod once, though the program was killed while pods were on their way', async () => {
    put({ name: 'web-1', owner: 'ReplicaSet', endsAfterMs: 8_000 });
    put({ name: 'api-1', owner: 'ReplicaSet', endsAfterMs: 8_000, graceSeconds: 60 });
    const first = world.queueProcessor({ POD_NAME: 'nth-a' });
    await world.sandbox.aws.sendLifecycleTermination(world.instanceId);
    const isGoing = () =>
      world.sandbox.kubernetes.list({ kind: 'Pod' }).every(({ metadata }) => metadata.deletionTimestamp !== undefined);
    await eventually(() => expect([specOf(world).unschedulable, isGoing()]).toEqual([true, true]));
    first.signal('SIGKILL');
    await first.exit;
    const { count } = await counted({ POD_NAME: 'nth-a' });
    await eventually(() => expect(podNames(world)).toEqual([]));
    await eventually(async () => expect(await count('nth_pods_total')).toEqual({ evicted: 2 }));
    expect(await count('nth_claims_total')).toEqual({ taken_over: 1 });
  });
});
