import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GroupOptions } from './aws/auto-scaling/groups.ts';
import type { LifecycleHookOptions } from './aws/auto-scaling/lifecycle.ts';
import { startAws } from './aws/simulator.ts';
import type { AwsOptions, AwsSimulator } from './aws/simulator.ts';
import { startImds } from './imds/simulator.ts';
import type { ImdsSimulator } from './imds/simulator.ts';
import { instanceIdOf, node } from './kubernetes/builders.ts';
import type { NodeOptions } from './kubernetes/builders.ts';
import { startKubernetes } from './kubernetes/simulator.ts';
import type { KubernetesOptions, KubernetesSimulator } from './kubernetes/simulator.ts';
import { followHosts } from './node-host.ts';
import { startWebhookReceiver } from './webhook/receiver.ts';
import type { WebhookReceiver } from './webhook/receiver.ts';

/** A node of the sandbox: a Kubernetes node and the EC2 instance under it. */
export interface SandboxNode extends NodeOptions {
  /** Give the instance a metadata service, for an imds-agent on this node. Default false. */
  readonly imds?: boolean;
  /** The Auto Scaling group it belongs to. Default: none. */
  readonly group?: string;
  /** Whether the instance carries {@link managedTag}. Default true. */
  readonly managed?: boolean;
  /** Tags besides {@link managedTag}. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Default true: bought on the spot market. */
  readonly spot?: boolean;
  /** The instance's private DNS name. Default: the node's name. */
  readonly privateDnsName?: string;
}

/** The tag by which queue-processor knows the instances that it may touch (`MANAGED_TAG`). */
export const managedTag = 'aws-node-termination-handler/managed';

/** The Lease of the queue-processor's release, as its chart makes it. */
export const claimLease = 'queue-processor';

/** What a program is started with. */
export type ProgramEnvironment = Readonly<Record<string, string>>;

/** What a sandbox is started with. */
export interface SandboxOptions {
  readonly nodes: readonly SandboxNode[];
  /** Lifecycle hooks of the nodes' groups. Default: none. */
  readonly hooks?: readonly LifecycleHookOptions[];
  /** What those groups have besides. Default: nothing. */
  readonly groups?: readonly GroupOptions[];
  /** How long after the boot of an instance its node is `Ready`, in ms. Default 0. */
  readonly bootMs?: number;
  readonly aws?: AwsOptions;
  readonly kubernetes?: KubernetesOptions;
  /** The time of all parts; the queues alone know no other than the machine's. Default: the machine's. */
  readonly clock?: Clock;
}

/** Everything that the programs talk to, in this process. */
export interface Sandbox extends AsyncDisposable {
  readonly kubernetes: KubernetesSimulator;
  readonly aws: AwsSimulator;
  readonly webhook: WebhookReceiver;
  /** The metadata service of a node that was started with `imds: true`. @throws Error for other nodes */
  readonly imdsOf: (nodeName: string) => ImdsSimulator;
  /** The instance under a node. @throws Error for a node that the sandbox wasn't started with */
  readonly instanceIdOf: (nodeName: string) => string;
  /** For the imds-agent of a node. */
  readonly agentEnvironment: (nodeName: string) => ProgramEnvironment;
  /** For a queue-processor. Its credentials are good for the sandbox alone. */
  readonly queueProcessorEnvironment: () => ProgramEnvironment;
  /** What a program asked for that the sandbox doesn't simulate, as `GET /path` or `ec2 Action`. Empty when all is well. */
  readonly unknown: () => readonly string[];
}

/** A node with all that the cluster and EC2 must agree on. */
function completed(options: SandboxNode, region: string) {
  const { name, instanceId = instanceIdOf(name), zone = `${region}a`, privateDnsName = name, spot = true } = options;
  return { ...options, instanceId, zone, privateDnsName, spot };
}

function byNode<Value>(values: ReadonlyMap<string, Value>, nodeName: string, what: string): Value {
  const value = values.get(nodeName);
  if (value === undefined) throw new Error(`The sandbox has no ${what} ${nodeName}`);
  return value;
}

/**
 * Starts the whole sandbox: a Kubernetes API with the nodes in it, AWS with their instances, the metadata services
 * that were asked for, and a webhook receiver. All of it listens on the loopback interface, on free ports.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  await using stack = new AsyncDisposableStack();
  const time = options.clock === undefined ? {} : { clock: options.clock };
  const kubernetes = stack.use(await startKubernetes({ ...time, ...options.kubernetes }));
  const aws = stack.use(await startAws({ ...time, ...options.aws }));
  const webhook = stack.use(await startWebhookReceiver(time));
  const directory = await mkdtemp(path.join(tmpdir(), 'nth-sandbox-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));

  const nodes = options.nodes.map((given) => completed(given, aws.region));
  const instanceIds = new Map(nodes.map(({ name, instanceId }) => [name, instanceId]));
  const imds = new Map<string, ImdsSimulator>();
  for (const hook of options.hooks ?? []) aws.autoScaling.putHook(hook);
  for (const group of options.groups ?? []) aws.autoScaling.putGroup(group);
  for (const one of nodes) {
    const { name, instanceId, zone: availabilityZone, privateDnsName, spot } = one;
    const type = one.instanceType === undefined ? {} : { instanceType: one.instanceType };
    kubernetes.put(node(one));
    const tags = { ...(one.managed === false ? {} : { [managedTag]: 'true' }), ...one.tags };
    const lifecycle = spot ? 'spot' : undefined;
    aws.ec2.put({ instanceId, privateDnsName, availabilityZone, lifecycle, tags, ...type });
    if (one.imds !== true) continue;
    const lifeCycle = spot ? 'spot' : 'on-demand';
    const instance = { instanceId, availabilityZone, localHostname: privateDnsName, lifeCycle, ...type } as const;
    imds.set(name, stack.use(await startImds({ ...time, instance })));
  }
  const hosted = nodes.map(({ name, instanceId }) => ({ name, instanceId, imds: imds.get(name) }));
  const { clock = systemClock, bootMs = 0 } = options;
  stack.use(followHosts(hosted, { aws, kubernetes }, { clock, bootMs }));
  for (const { instanceId, group } of nodes) if (group !== undefined) aws.autoScaling.attach(instanceId, group);

  const metadata = { namespace: 'kube-system', name: claimLease };
  kubernetes.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata });

  const environmentOf = async (account: string): Promise<ProgramEnvironment> => {
    const file = path.join(directory, `${account}.kubeconfig`);
    const token = kubernetes.issueToken({ user: `system:serviceaccount:kube-system:${account}` });
    await writeFile(file, kubernetes.kubeconfig(token), { mode: 0o600 });
    return { KUBECONFIG: file, WEBHOOK_URL: webhook.url, NAMESPACE: 'kube-system' };
  };
  const agentEnvironment = await environmentOf('imds-agent');
  const processorEnvironment = {
    ...(await environmentOf('queue-processor')),
    POD_NAME: 'queue-processor-0',
    CLAIM_LEASE_NAME: claimLease,
    QUEUE_URL: aws.queueUrl,
    AWS_ENDPOINT: aws.url,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    // Without it the SDK would look for a metadata service of the machine that the sandbox runs on.
    AWS_EC2_METADATA_DISABLED: 'true',
  };

  const imdsOf = (nodeName: string): ImdsSimulator => byNode(imds, nodeName, 'metadata service for node');
  const resources = stack.move();
  return {
    kubernetes,
    aws,
    webhook,
    imdsOf,
    instanceIdOf: (nodeName) => byNode(instanceIds, nodeName, 'node'),
    agentEnvironment: (nodeName) => ({
      ...agentEnvironment,
      NODE_NAME: nodeName,
      POD_NAME: `imds-agent-${nodeName}`,
      INSTANCE_METADATA_URL: imdsOf(nodeName).url,
    }),
    queueProcessorEnvironment: () => processorEnvironment,
    unknown: () => [
      ...kubernetes.unknownRoutes().keys(),
      ...aws.unknownCalls().map(({ service, action }) => `${service} ${action}`),
    ],
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
