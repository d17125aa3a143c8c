import { readRecord, startSandbox } from '@node-termination-handler/sandbox';
import type { KubernetesObject, Sandbox, SandboxNode, SandboxOptions } from '@node-termination-handler/sandbox';
import { expect, vi } from 'vitest';
import { Program } from '../../program.ts';

const RECORD_ANNOTATION = 'aws-node-termination-handler/interruptions';

export const NODE = 'ip-10-0-1-1.ec2.internal';
export const OTHER = 'ip-10-0-1-2.ec2.internal';

/** A sandbox with two nodes of one Auto Scaling group, one of them with instance metadata, and what runs in it. */
export interface World extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly instanceId: string;
  queueProcessor(settings?: Readonly<Record<string, string>>): Program;
  imdsAgent(settings?: Readonly<Record<string, string>>): Program;
}

export async function startWorld(
  options: Partial<SandboxOptions> & { readonly node?: Partial<SandboxNode> } = {},
): Promise<World> {
  const { node, ...rest } = options;
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(
    await startSandbox({
      nodes: [
        { name: NODE, imds: true, group: 'workers', ...node },
        { name: OTHER, group: 'workers' },
      ],
      hooks: [
        {
          name: 'drain',
          group: 'workers',
          transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
          heartbeatTimeoutSeconds: 300,
        },
      ],
      ...rest,
    }),
  );
  const resources = stack.move();
  return {
    sandbox,
    instanceId: sandbox.instanceIdOf(node?.name ?? NODE),
    queueProcessor: (settings) => {
      const program = Program.start('queue-processor', { ...sandbox.queueProcessorEnvironment(), ...settings });
      resources.use(program);
      return program;
    },
    imdsAgent: (settings) => {
      const program = Program.start('imds-agent', { ...sandbox.agentEnvironment(node?.name ?? NODE), ...settings });
      resources.use(program);
      return program;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Waits until an assertion holds; its last failure is the test's. */
export function eventually(assertion: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: 30_000, interval: 50 });
}

export function getNode(world: World, name = NODE): KubernetesObject {
  const node = world.sandbox.kubernetes.get({ kind: 'Node', name });
  if (node === undefined) throw new Error(`there is no node ${name}`);
  return node;
}

/** What the programs have put on a node, but for the record of it: labels, annotations and taints. */
export function ownMarks(world: World, name = NODE): readonly string[] {
  const { labels, annotations } = getNode(world, name).metadata;
  const taints = (specOf(world, name).taints ?? []).map(({ key }) => key);
  return [...Object.keys({ ...labels, ...annotations }), ...taints].filter(
    (key) => key.startsWith('aws-node-termination-handler/') && key !== RECORD_ANNOTATION,
  );
}

/** Whether a record stands on a node. */
export function hasRecord(world: World, name = NODE): boolean {
  return getNode(world, name).metadata.annotations?.[RECORD_ANNOTATION] !== undefined;
}

/** A node's host starts again: its kubelet tells of another boot. */
export function reboot(world: World, name = NODE): void {
  const node = getNode(world, name);
  const nodeInfo = { ...readRecord(node, 'status', 'nodeInfo'), bootID: `boot-${crypto.randomUUID()}` };
  world.sandbox.kubernetes.put({ ...node, status: { ...readRecord(node, 'status'), nodeInfo } });
}

/** Fields of a node's spec that tests look at. */
export interface NodeSpec {
  readonly unschedulable?: boolean;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

export function specOf(world: World, name = NODE): NodeSpec {
  return getNode(world, name).spec ?? {};
}

export function podNames(world: World): string[] {
  return world.sandbox.kubernetes.list({ kind: 'Pod' }).map(({ metadata }) => metadata.name);
}

/** How often the API server took an eviction. */
export function evictions(world: World): number {
  return world.sandbox.kubernetes
    .requests()
    .filter(({ subresource, code }) => subresource === 'eviction' && code === 201).length;
}

/** Waits until the queue holds no message, seen or unseen. */
export async function queueIsEmpty(world: World): Promise<void> {
  await eventually(async () => {
    expect(await world.sandbox.aws.sqs.depth()).toMatchObject({ visible: 0, inFlight: 0 });
  });
}
