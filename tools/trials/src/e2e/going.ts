import assert from 'node:assert/strict';
import type { SceneNode } from './scene-node.ts';
import type { Scene, Settings } from './scene.ts';
import { writtenOn } from './written.ts';

/** Every phase is told with its node and event. */
export const AGENT_SETTINGS: Settings = {
  WEBHOOK_EVENTS: 'received,cordoned,drained,failed',
  WEBHOOK_TEMPLATE: '{"phase":"{{ .Phase }}","node":"{{ .NodeName }}","event":"{{ .EventID }}"}',
};
/** A dead program's message comes again soon. */
export const SETTINGS: Settings = { ...AGENT_SETTINGS, SQS_MSG_VISIBILITY_TIMEOUT_SEC: '3' };

/** A node with a lifecycle hook, a pod that ends at once, and one that takes its time. */
export interface Going {
  readonly node: SceneNode;
  readonly quick: string;
  readonly slow: string;
}

/** A node of a group, and its pods. */
export async function goingNode(scene: Scene, group: string): Promise<Going> {
  const node = await scene.node({ group });
  const number = scene.nodes.length;
  const [quick, slow] = [`quick-${number}`, `slow-${number}`];
  await Promise.all([
    scene.pod(quick, node),
    scene.pod(slow, node, { endsAfterSeconds: 3, graceSeconds: 20, labels: { app: slow } }),
  ]);
  return { node, quick, slow };
}

/** Budgets that let a going node's slow pod go, or not. */
export async function gate(scene: Scene, { slow }: Going): Promise<() => Promise<void>> {
  const budget = await scene.budget(slow, { labels: { app: slow } }, { minAvailable: 1 });
  return async () => {
    await scene.kube.patch(budget, { spec: { minAvailable: 0 } });
  };
}

/** What stands in the records as told, at one moment. */
export interface ToldUntil {
  readonly at: number;
  readonly told: ReadonlySet<string>;
}

const phaseOf = (node: string, event: string, phase: string): string => `${phase} of ${event} on ${node}`;

/** What the records of nodes say now that was told. */
export async function toldOn(scene: Scene, nodes: readonly SceneNode[]): Promise<ToldUntil> {
  const records = await Promise.all(nodes.map(async (node) => ({ node, ...writtenOn(await scene.nodeNow(node)) })));
  const told = records.flatMap(({ node, entries }) =>
    entries.flatMap((entry) => entry.told.map((phase) => phaseOf(node.name, entry.id, phase))),
  );
  return { at: Date.now(), told: new Set(told) };
}

/** Nothing is told again that a record said was told when somebody died. */
export function assertToldOnce(scene: Scene, moments: readonly ToldUntil[]): void {
  const again = scene.webhook.deliveries().flatMap(({ at, body }) => {
    const { phase, node, event } = JSON.parse(body) as Readonly<Record<'phase' | 'node' | 'event', string>>;
    const what = phaseOf(node, event, phase);
    return moments.some((moment) => at > moment.at && moment.told.has(what)) ? [what] : [];
  });
  assert.deepEqual(again, []);
}

/** No pod is evicted twice, whoever died: an eviction under way is seen. */
export async function assertEvictedOnce(scene: Scene): Promise<void> {
  // A container that was started again has the account of the one before.
  const accounts = new Map(scene.programs.map((program) => [scene.accountOf(program), program]));
  const requests = (await Promise.all([...accounts.values()].map((program) => scene.requestsOf(program)))).flat();
  // They may have taken over a node of another scenario.
  const evicted = requests
    .filter(({ objectRef, responseStatus }) => objectRef?.subresource === 'eviction' && responseStatus?.code === 201)
    .flatMap(({ objectRef }) => (objectRef?.namespace === scene.namespace ? [objectRef.name] : []));
  assert.deepEqual(
    evicted.filter((name, index) => evicted.indexOf(name) !== index),
    [],
    'pods that were evicted again',
  );
}

/** A lifecycle action with its message. */
export type Sent = Awaited<ReturnType<Scene['terminate']>>;

/** The node is drained, its hook completed once and after the last pod, its message deleted, and the record says so. */
export async function untilAllDone(scene: Scene, node: SceneNode, sent: Sent): Promise<void> {
  await scene.untilDrained(node, 60_000);
  const { history, result } = await scene.untilCompleted(sent, 60_000);
  assert.equal(result, 'CONTINUE');
  assert.equal(history.filter(({ what }) => what === 'completed').length, 1);
  await scene.untilDeleted(sent, 60_000);
  await untilSettled(scene, node);
  await scene.mustHold('hook early', 'event lost');
}

/** All work on the node is done, and nobody has a claim on it: one that the dead leave is believed for as long as a minute. */
export async function untilSettled(scene: Scene, node: SceneNode): Promise<void> {
  await scene.eventually('the record to be settled, and the claim to end', async () => {
    const { claim, entries } = writtenOn(await scene.nodeNow(node));
    return claim === undefined && entries.length > 0 && entries.every(({ progress }) => progress === 'settled');
  });
}

const nameOf = (holder: string | undefined): string | undefined => holder?.split('/').at(-1);

/** Who has the claim on a node. */
export async function holderOn(scene: Scene, node: SceneNode): Promise<string | undefined> {
  return nameOf(writtenOn(await scene.nodeNow(node)).claim?.holder);
}
