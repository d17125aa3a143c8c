import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAt, readList, readString } from './json-value.ts';
import { startSandbox } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import { exchange } from './testing/http.ts';

const name = 'ip-10-0-0-1.ec2.internal';
const bootMs = 20_000;
let clock: VirtualClock;
let sandbox: Sandbox;

beforeEach(async () => {
  clock = new VirtualClock();
  sandbox = await startSandbox({
    ...{ clock, bootMs },
    nodes: [{ name, group: 'workers', imds: true, labels: { team: 'blue' } }],
    groups: [{ name: 'workers', pool: { state: 'Stopped', reusesOnScaleIn: true } }],
  });
  sandbox.imdsOf(name).setMode('v2-optional');
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const host = () => {
  const node = sandbox.kubernetes.get({ kind: 'Node', name });
  const ready = readList(node, 'status', 'conditions').find((condition) => readString(condition, 'type') === 'Ready');
  return [readString(ready, 'status'), readAt(node, 'status', 'nodeInfo', 'bootID')];
};
const target = async () => {
  const url = `${sandbox.imdsOf(name).url}/latest/meta-data/autoscaling/target-lifecycle-state`;
  return (await exchange(url)).body;
};
const instance = () => {
  const id = sandbox.instanceIdOf(name);
  return { id, ...sandbox.aws.ec2.get(id)! };
};

describe('the host of a node', () => {
  it('stops with its instance, and boots anew when that comes out of the pool', async () => {
    const { autoScaling } = sandbox.aws;
    const { id, launchTime } = instance();
    const [, bootID] = host();
    expect(await target()).toBe('InService');
    await clock.advance(60_000);
    autoScaling.scaleIn(id);
    expect([host(), instance().state, await target()]).toEqual([['Unknown', bootID], 'stopped', 'Warmed:Stopped']);
    await clock.advance(60_000);
    autoScaling.scaleOut(id);
    expect(host()).toEqual(['False', expect.not.stringMatching(String(bootID))]);
    expect([instance().state, instance().launchTime.getTime() - launchTime.getTime()]).toEqual(['running', 120_000]);
    const [, booted] = host();
    await clock.advance(bootMs);
    expect([host(), await target()]).toEqual([['True', booted], 'InService']);
    expect(sandbox.kubernetes.get({ kind: 'Node', name })?.metadata.labels).toMatchObject({ team: 'blue' });
  });

  it('goes on without a boot when it hibernated', async () => {
    sandbox.aws.autoScaling.putGroup({ name: 'workers', pool: { state: 'Hibernated', reusesOnScaleIn: true } });
    const [, bootID] = host();
    sandbox.aws.autoScaling.scaleIn(instance().id);
    expect(await target()).toBe('Warmed:Hibernated');
    sandbox.aws.autoScaling.scaleOut(instance().id);
    await clock.advance(bootMs);
    expect(host()).toEqual(['True', bootID]);
  });

  it('boots anew with another root volume, without a new launch', async () => {
    const [, bootID] = host();
    const { id, launchTime } = instance();
    await clock.advance(1000);
    sandbox.aws.autoScaling.replaceRootVolume(id);
    expect(host()).toEqual(['False', expect.not.stringMatching(String(bootID))]);
    await clock.advance(bootMs);
    expect([host()[0], instance().launchTime, await target()]).toEqual(['True', launchTime, 'InService']);
  });

  it('that is stopped again before it is well stays silent', async () => {
    const { id } = instance();
    sandbox.aws.autoScaling.replaceRootVolume(id);
    sandbox.aws.ec2.setState(id, 'stopped');
    await clock.advance(bootMs);
    expect(host()[0]).toBe('Unknown');
  });
});
