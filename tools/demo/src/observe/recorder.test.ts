import type { Sandbox } from '@node-termination-handler/sandbox';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gatherEvidence, judge } from '../judge/judge.ts';
import { createCast, usersTaint } from '../play/cast.ts';
import { play } from '../play/play.ts';
import { openSandbox } from '../run-demo.ts';
import { cordon, evict } from '../testing/stand-in.ts';
import { startRecorder } from './recorder.ts';
import type { Recorder } from './recorder.ts';
import type { NodeTimeline } from './timeline.ts';

const cast = createCast();
const spot = cast.going.find(({ scene }) => scene === 'spot')!.name;
const budgeted = ['ip-10-0-2-11.ec2.internal', 'ip-10-0-2-14.ec2.internal'] as const;
let sandbox: Sandbox;
let recorder: Recorder;

beforeEach(async () => {
  sandbox = await openSandbox(cast);
  recorder = startRecorder(sandbox, cast);
});
afterEach(async () => {
  recorder[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

const of = (node: string): NodeTimeline => recorder.timelines().find((timeline) => timeline.node === node)!;
const pods = (node: string) =>
  sandbox.kubernetes
    .list({ kind: 'Pod', namespace: 'default', fieldSelector: `spec.nodeName=${node}` })
    .map(({ metadata }) => metadata.name);

describe('the cast', () => {
  it('has eight pods to move on every node that goes, and none of a DaemonSet among them', () => {
    expect(recorder.timelines().map(({ podsTotal }) => podsTotal)).toEqual(Array<number>(22).fill(8));
  });
});

describe('the recorder', () => {
  it('writes down a node’s way from the sandbox’s own changes', async () => {
    recorder.noticed(spot, 1000, 31_000);
    expect(of(spot)).toMatchObject({ noticeAt: 1000, deadlineAt: 31_000, cordonedAt: undefined, podsLeft: 8 });
    expect(await cordon(sandbox, spot)).toBe(200);
    expect(of(spot).cordonedAt).toBeGreaterThan(1000);
    const codes = await Promise.all(pods(spot).map((name) => evict(sandbox, 'default', name)));
    expect(codes).toEqual(Array<number>(8).fill(201));
    await vi.waitUntil(() => of(spot).drainedAt !== undefined, { timeout: 20_000 });
    expect(of(spot)).toMatchObject({ podsLeft: 0, podsTotal: 8, podsEvicted: 8, blocked: [] });
    expect(of(spot).podMoments.map(({ left }) => left)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it('sees a budget that blocks, until the replacement is ready', async () => {
    await Promise.all(budgeted.map((node) => cordon(sandbox, node)));
    expect(await evict(sandbox, 'default', 'checkout-0')).toBe(201);
    expect(await evict(sandbox, 'default', 'checkout-1')).toBe(429);
    expect(of(budgeted[0]).blocked).toEqual([]);
    expect(of(budgeted[1]).blocked).toHaveLength(1);
    await vi.waitUntil(async () => (await evict(sandbox, 'default', 'checkout-1')) === 201, {
      timeout: 20_000,
      interval: 200,
    });
    expect(of(budgeted[1]).podsEvicted).toBe(1);
  });
});

describe('the evidence', () => {
  it('is bad for a cast that nobody moved, and says why', async () => {
    const evidence = await gatherEvidence(sandbox, cast, recorder.timelines(), recorder.history);
    expect(evidence).toMatchObject({ lostMarks: [], unknown: [] });
    expect(evidence.pods.filter(({ goneAt }) => goneAt !== undefined)).toEqual([]);
    expect(cast.staying.filter((name) => evidence.cordonedAt(name) !== undefined)).toEqual([]);
    expect(judge(evidence).every(({ holds }) => holds)).toBe(false);
  });

  it('sees a bystander cordoned, a taint lost and a pod of a DaemonSet gone', async () => {
    await cordon(sandbox, cast.staying[0]!);
    const node = sandbox.kubernetes.get({ kind: 'Node', name: spot })!;
    expect(JSON.stringify(node)).toContain(usersTaint.value);
    sandbox.kubernetes.put({ ...node, spec: {} });
    const [namespace, name] = cast.daemonPods[0]!.split('/');
    sandbox.kubernetes.setWorkloadController(false);
    sandbox.kubernetes.remove({ kind: 'Pod', namespace: namespace!, name: name! });
    const evidence = await gatherEvidence(sandbox, cast, recorder.timelines(), recorder.history);
    const gone = evidence.pods.filter(({ goneAt }) => goneAt !== undefined).map((pod) => pod.name);
    expect(gone).toEqual([cast.daemonPods[0]]);
    expect(cast.staying.filter((one) => evidence.cordonedAt(one) !== undefined)).toEqual([cast.staying[0]]);
    expect(evidence.lostMarks).toEqual([`the taint of ${spot}`]);
  });
});

describe('the play', () => {
  it('makes every notice visible, and puts nonsense among them', async () => {
    await play(sandbox, cast, recorder, AbortSignal.timeout(30_000));
    expect(recorder.timelines().every(({ noticeAt, deadlineAt }) => (deadlineAt ?? 0) > (noticeAt ?? Infinity))).toBe(
      true,
    );
    expect(sandbox.aws.autoScaling.actions()).toHaveLength(20);
    expect(sandbox.aws.sqs.messages()).toHaveLength(22);
    const unparsable = sandbox.aws.sqs.messages().filter(({ body }) => {
      try {
        JSON.parse(body);
        return false;
      } catch {
        return true;
      }
    });
    expect(unparsable).toHaveLength(1);
  });

  it('stops when told', async () => {
    await expect(play(sandbox, cast, recorder, AbortSignal.abort())).rejects.toThrow('aborted');
  });
});
