import { readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { sleep, systemClock } from '@node-termination-handler/clock';
import { instanceIdOf, managedTag, startAws, startImds } from '@node-termination-handler/sandbox';
import type { AwsSimulator, ImdsSimulator } from '@node-termination-handler/sandbox';
import { Program, root } from '../program.ts';
import { waitUntil } from '../wait.ts';
import type { BenchNode, Cluster } from './cluster.ts';

let prefixes = 0;

type Load = Pick<BenchNode, 'pods'>;

function makeNode(prefix: number, index: number, load: Load): BenchNode {
  const name = `ip-10-${prefix}-${Math.floor(index / 250)}-${(index % 250) + 1}.ec2.internal`;
  return { name, instanceId: instanceIdOf(name), ...load };
}

/** Nodes of their own for one measurement, so that none meets what another has left behind. */
export function makeNodes(count: number, load: Load = {}): readonly BenchNode[] {
  const prefix = ++prefixes;
  return Array.from({ length: count }, (_, index) => makeNode(prefix, index, load));
}

/** One node of its own in the cluster. */
export async function addNode(cluster: Cluster, load: Load = {}): Promise<BenchNode> {
  const node = makeNode(++prefixes, 0, load);
  await cluster.add([node]);
  return node;
}

const GROUP = 'workers';

/** Puts nodes into the cluster, and the instances under them into an AWS of its own with one Auto Scaling group. */
export async function openWorld(cluster: Cluster, nodes: readonly BenchNode[]): Promise<AwsSimulator> {
  const aws = await startAws();
  aws.autoScaling.putHook({
    name: 'drain',
    group: GROUP,
    transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    heartbeatTimeoutSeconds: 600,
  });
  for (const { name, instanceId } of nodes) {
    aws.ec2.put({ instanceId, privateDnsName: name, tags: { [managedTag]: 'true' } });
    aws.autoScaling.attach(instanceId, GROUP);
  }
  await cluster.add(nodes);
  return aws;
}

/** Whose program is measured. */
export type Side = 'ours' | 'floor';

/** The programs' bundles, apart from those of others who build at the same time. */
export const bundles = path.join(root, 'results/bench/programs');

const FLOOR = path.join(bundles, 'floor.mjs');

/** Makes the bare client a program like ours, whose start compiles no types away. */
export async function buildFloor(): Promise<void> {
  const source = await readFile(path.join(import.meta.dirname, 'floor.ts'), 'utf8');
  await writeFile(FLOOR, stripTypeScriptTypes(source));
}

/** What the images start Node with, and the queue-processor's chart gives its heap; see docs/performance.md. */
const AGENT_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1', '--no-opt', '--no-sparkplug', '--no-maglev'];
const PROCESSOR_ALLOCATOR = { MALLOC_ARENA_MAX: '1' };
const PROCESSOR_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=256'];

type Environment = Readonly<Record<string, string>>;

/** An agent beside the metadata of its node. */
export interface AgentArena extends AsyncDisposable {
  readonly node: BenchNode;
  readonly imds: ImdsSimulator;
  readonly program: Program;
}

/** Starts the imds-agent of a node. */
export async function openAgent(
  cluster: Cluster,
  node: BenchNode,
  { side = 'ours', settings = {} }: { readonly side?: Side; readonly settings?: Environment } = {},
): Promise<AgentArena> {
  await using stack = new AsyncDisposableStack();
  const imds = stack.use(await startImds({ instance: { instanceId: node.instanceId, localHostname: node.name } }));
  const environment = {
    ...cluster.environment,
    MALLOC_ARENA_MAX: '1',
    UV_THREADPOOL_SIZE: '1',
    NODE_NAME: node.name,
    POD_NAME: `imds-agent-${node.name}`,
    NAMESPACE: 'kube-system',
    INSTANCE_METADATA_URL: imds.url,
    ...settings,
  };
  const file = path.join(bundles, 'imds-agent/main.cjs');
  const started = side === 'ours' ? { file } : { file: FLOOR, args: ['agent'] };
  const program = stack.use(Program.start('imds-agent', environment, { nodeArgs: AGENT_FLAGS, ...started }));
  const resources = stack.move();
  return { node, imds, program, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** Waits until an agent looks for Spot notices. */
export async function untilPolling({ program, imds }: AgentArena): Promise<void> {
  const isPolling = () => imds.requests().some(({ path: asked }) => asked.endsWith('/spot/instance-action'));
  await program.during(waitUntil(isPolling, 60_000));
}

/** So long after its cordon the drain of a node without pods has ended. */
const SETTLED_MS = 250;

/** Tells an agent that its instance goes, puts all back, and answers how long the cordon took, in ms. */
export async function timeCordon(cluster: Cluster, arena: AgentArena, index: number): Promise<number> {
  const { imds, node, program } = arena;
  const noticedAt = systemClock.monotonic();
  imds.setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000 + index * 1000) });
  await program.during(cluster.whenCordoned([node.name], 120_000));
  const latency = (cluster.cordonedAt.get(node.name) ?? Number.NaN) - noticedAt;
  imds.setSpotInterruption(undefined);
  // The floor goes by what it sees; ours knows that EC2 takes no Spot notice back, and takes a node without a mark for another one.
  await program.during(sleep(systemClock, SETTLED_MS));
  await cluster.renew(node.name);
  await program.during(cluster.whenUncordoned(node.name, 60_000));
  await program.during(untilPolledAgain(arena));
  return latency;
}

/** Waits until an agent has looked for a Spot notice twice: the second look began when the first had been understood. */
async function untilPolledAgain({ imds }: AgentArena): Promise<void> {
  const looks = () => imds.requests().filter(({ path: asked }) => asked.endsWith('/spot/instance-action')).length;
  const before = looks();
  await waitUntil(() => looks() >= before + 2, 60_000, 10);
}

/** CPU time in ms and metadata requests, each for a second, of an agent that is left alone. */
export async function restingRates({ program, imds }: AgentArena, settleMs: number, watchMs: number) {
  await program.during(sleep(systemClock, settleMs));
  const [cpuBefore, requestsBefore] = [program.cpuMs, imds.requests().length];
  await program.during(sleep(systemClock, watchMs));
  const seconds = watchMs / 1000;
  return {
    cpu: (program.cpuMs - cpuBefore) / seconds,
    requests: (imds.requests().length - requestsBefore) / seconds,
  };
}

/** Starts a queue-processor. */
export function startProcessor(side: Side, cluster: Cluster, aws: AwsSimulator, settings: Environment = {}): Program {
  const environment = {
    ...cluster.environment,
    ...PROCESSOR_ALLOCATOR,
    POD_NAME: 'queue-processor-0',
    NAMESPACE: 'kube-system',
    QUEUE_URL: aws.queueUrl,
    AWS_ENDPOINT: aws.url,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...settings,
  };
  const file = side === 'ours' ? path.join(bundles, 'queue-processor/main.cjs') : FLOOR;
  return Program.start('queue-processor', environment, { file, nodeArgs: PROCESSOR_FLAGS });
}
