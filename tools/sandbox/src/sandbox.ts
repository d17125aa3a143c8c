import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAws } from './aws/simulator.ts';
import type { LifecycleHookOptions } from './aws/auto-scaling/lifecycle.ts';
import type { AwsOptions, AwsSimulator } from './aws/simulator.ts';
import { startImds } from './imds/simulator.ts';
import type { ImdsSimulator } from './imds/simulator.ts';
import { instanceIdOf, node } from './kubernetes/builders.ts';
import { startKubernetes } from './kubernetes/simulator.ts';
import type { NodeOptions } from './kubernetes/builders.ts';
import type { KubernetesObjectInput } from './kubernetes/object/object.ts';
import type { KubernetesOptions, KubernetesSimulator } from './kubernetes/simulator.ts';
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

/** The instance under a node. */
function instanceIdOfNode(options: SandboxNode): string {
  return options.instanceId ?? instanceIdOf(options.name);
}

/** The Kubernetes object of a node, in a zone of the sandbox's region unless it names its own. */
function kubernetesNode(options: SandboxNode, region: string): KubernetesObjectInput {
  return node({ ...options, instanceId: instanceIdOfNode(options), zone: options.zone ?? `${region}a` });
}

/** What a program is started with. */
export type ProgramEnvironment = Readonly<Record<string, string>>;

/** Where a program finds the sandbox's Kubernetes API, and whom to tell. */
interface CommonPlaces {
  /** Path of a kubeconfig file. */
  readonly kubeconfig: string;
  readonly webhookUrl: string | undefined;
}

function common({ kubeconfig, webhookUrl }: CommonPlaces): ProgramEnvironment {
  return { KUBECONFIG: kubeconfig, ...(webhookUrl !== undefined && { WEBHOOK_URL: webhookUrl }) };
}

/** The environment of the imds-agent of one node. */
function agentEnvironment(
  places: CommonPlaces & { readonly nodeName: string; readonly metadataUrl: string },
): ProgramEnvironment {
  return {
    ...common(places),
    NODE_NAME: places.nodeName,
    POD_NAME: `imds-agent-${places.nodeName}`,
    NAMESPACE: 'kube-system',
    INSTANCE_METADATA_URL: places.metadataUrl,
  };
}

/** The environment of a queue-processor. Its credentials are good for the sandbox alone. */
function queueProcessorEnvironment(
  places: CommonPlaces & { readonly queueUrl: string; readonly awsUrl: string; readonly region: string },
): ProgramEnvironment {
  return {
    ...common(places),
    POD_NAME: 'queue-processor-0',
    NAMESPACE: 'kube-system',
    QUEUE_URL: places.queueUrl,
    AWS_ENDPOINT: places.awsUrl,
    AWS_REGION: places.region,
    AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    // Without it the SDK would look for a metadata service of the machine that the sandbox runs on.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** What a sandbox is started with. */
export interface SandboxOptions {
  readonly nodes: readonly SandboxNode[];
  /** Lifecycle hooks of the nodes' groups. Default: none. */
  readonly hooks?: readonly LifecycleHookOptions[];
  readonly aws?: AwsOptions;
  readonly kubernetes?: KubernetesOptions;
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
  /** For a queue-processor. */
  readonly queueProcessorEnvironment: () => ProgramEnvironment;
  /** What a program asked for that the sandbox doesn't simulate, as `GET /path` or `ec2 Action`. Empty when all is well. */
  readonly unknown: () => readonly string[];
}

function byNode<Value>(values: ReadonlyMap<string, Value>, nodeName: string, what: string): Value {
  const value = values.get(nodeName);
  if (value === undefined) throw new Error(`The sandbox has no ${what} ${nodeName}`);
  return value;
}

async function startImdsOf(options: SandboxNode, region: string): Promise<ImdsSimulator> {
  return startImds({
    instance: {
      instanceId: instanceIdOfNode(options),
      availabilityZone: options.zone ?? `${region}a`,
      localHostname: options.privateDnsName ?? options.name,
      lifeCycle: options.spot === false ? 'on-demand' : 'spot',
      ...(options.instanceType !== undefined && { instanceType: options.instanceType }),
    },
  });
}

function seedAws(aws: AwsSimulator, options: SandboxOptions): void {
  for (const hook of options.hooks ?? []) aws.autoScaling.putHook(hook);
  for (const node of options.nodes) {
    const instanceId = instanceIdOfNode(node);
    aws.ec2.put({
      instanceId,
      privateDnsName: node.privateDnsName ?? node.name,
      availabilityZone: node.zone ?? `${aws.region}a`,
      lifecycle: node.spot === false ? undefined : 'spot',
      tags: { ...(node.managed === false ? {} : { [managedTag]: 'true' }), ...node.tags },
      ...(node.instanceType !== undefined && { instanceType: node.instanceType }),
    });
    if (node.group !== undefined) aws.autoScaling.attach(instanceId, node.group);
  }
}

/**
 * Starts the whole sandbox: a Kubernetes API with the nodes in it, AWS with their instances, the metadata services
 * that were asked for, and a webhook receiver. All of it listens on the loopback interface, on free ports.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  await using stack = new AsyncDisposableStack();
  const kubernetes = stack.use(await startKubernetes(options.kubernetes));
  const aws = stack.use(await startAws(options.aws));
  const webhook = stack.use(await startWebhookReceiver());
  const directory = await mkdtemp(path.join(tmpdir(), 'nth-sandbox-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));

  for (const node of options.nodes) kubernetes.put(kubernetesNode(node, aws.region));
  seedAws(aws, options);
  const instanceIds = new Map(options.nodes.map((node) => [node.name, instanceIdOfNode(node)]));
  const imds = new Map<string, ImdsSimulator>();
  for (const node of options.nodes.filter((candidate) => candidate.imds === true)) {
    imds.set(node.name, stack.use(await startImdsOf(node, aws.region)));
  }
  const writeKubeconfig = async (account: string): Promise<string> => {
    const file = path.join(directory, `${account}.kubeconfig`);
    const token = kubernetes.issueToken({ user: `system:serviceaccount:kube-system:${account}` });
    await writeFile(file, kubernetes.kubeconfig(token), { mode: 0o600 });
    return file;
  };
  const agentKubeconfig = await writeKubeconfig('imds-agent');
  const processorKubeconfig = await writeKubeconfig('queue-processor');

  const resources = stack.move();
  return {
    kubernetes,
    aws,
    webhook,
    imdsOf: (nodeName) => byNode(imds, nodeName, 'metadata service for node'),
    instanceIdOf: (nodeName) => byNode(instanceIds, nodeName, 'node'),
    agentEnvironment: (nodeName) =>
      agentEnvironment({
        kubeconfig: agentKubeconfig,
        webhookUrl: webhook.url,
        nodeName,
        metadataUrl: byNode(imds, nodeName, 'metadata service for node').url,
      }),
    queueProcessorEnvironment: () =>
      queueProcessorEnvironment({
        kubeconfig: processorKubeconfig,
        webhookUrl: webhook.url,
        queueUrl: aws.queueUrl,
        awsUrl: aws.url,
        region: aws.region,
      }),
    unknown: () => [
      ...kubernetes.unknownRoutes().keys(),
      ...aws.unknownCalls().map(({ service, action }) => `${service} ${action}`),
    ],
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
