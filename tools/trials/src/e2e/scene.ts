import { randomBytes } from 'node:crypto';
import { startAws, startImds, startWebhookReceiver } from '@node-termination-handler/sandbox';
import type {
  AwsSimulator,
  ImdsInstance,
  ImdsSimulator,
  LifecycleAction,
  SentMessage,
  WebhookReceiver,
} from '@node-termination-handler/sandbox';
import { bundleOf, Program, ProgramEndedError, root } from '../program.ts';
import type { ProgramName } from '../program.ts';
import { NOTHING } from '../evidence.ts';
import type { Evidence } from '../evidence.ts';
import { violations } from '../invariants.ts';
import type { InvariantName } from '../invariants.ts';
import { eventually } from '../wait.ts';
import { auditedRequests } from './audit.ts';
import type { AuditedRequest } from './audit.ts';
import type { EventObject, NodeObject, PodObject } from '../kube.ts';
import { watchPods } from './pod-history.ts';
import type { PodHistory } from './pod-history.ts';
import { createSceneNode } from './scene-node.ts';
import type { SceneNode, SceneNodeOptions } from './scene-node.ts';
import { createPod, createWorkload } from './workloads.ts';
import type { Place, PodTraits, Workload } from './workloads.ts';
import { createAccount, roleOf } from './world.ts';
import type { Account, World } from './world.ts';

/** Variables of a program, beside those that say where everything is. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Programs built elsewhere can be tried: `E2E_WORKSPACE` says where. */
const workspace = process.env.E2E_WORKSPACE ?? root;

/** Secrets that every program is given, and that nothing it writes may show. */
const PLANTED = { awsKey: 'PLANTED-aws-secret-key', webhookHeader: 'PLANTED-webhook-header' } as const;

/** Variables with which the secrets are planted; a scenario may have others. */
const plantedVariables = {
  AWS_SECRET_ACCESS_KEY: PLANTED.awsKey,
  WEBHOOK_HEADERS: JSON.stringify({
    'Content-type': 'application/json',
    Authorization: `Bearer ${PLANTED.webhookHeader}`,
  }),
} as const;

/** The watch that tells this process that a pod is gone may be so much behind the one that tells the program, in ms. */
const WATCH_LAG_MS = 2000;

/** How long a scenario waits for one thing. */
const PATIENCE_MS = 45_000;

/** One scenario's part of the world: its own nodes, namespace, AWS account, webhook receiver and programs. */
export class Scene implements AsyncDisposable {
  readonly id = randomBytes(4).toString('hex');
  readonly namespace = `scene-${this.id}`;
  readonly world: World;
  readonly directory: string;
  readonly nodes: SceneNode[] = [];
  readonly #accounts = new Map<Program, Account>();
  readonly #stack = new AsyncDisposableStack();
  #aws: AwsSimulator | undefined;
  #webhook: WebhookReceiver | undefined;
  #history: PodHistory | undefined;

  private constructor(world: World) {
    this.world = world;
    this.directory = `${world.plane.directory}/scene-${this.id}`;
  }

  static async open(world: World): Promise<Scene> {
    const scene = new Scene(world);
    const { kube, plane } = world;
    const metadata = { name: scene.namespace };
    await kube.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    const account = `/api/v1/namespaces/${scene.namespace}/serviceaccounts/default`;
    await eventually('the default service account', () => kube.find(account), PATIENCE_MS);
    scene.#aws = scene.#stack.use(await startAws());
    scene.#webhook = scene.#stack.use(await startWebhookReceiver());
    scene.#history = scene.#stack.use(watchPods(plane.api, scene.namespace));
    return scene;
  }

  get kube() {
    return this.world.kube;
  }
  get aws(): AwsSimulator {
    return required(this.#aws);
  }
  get webhook(): WebhookReceiver {
    return required(this.#webhook);
  }
  get pods(): PodHistory {
    return required(this.#history);
  }

  /** Something that ends with the scenario. */
  use<T extends AsyncDisposable>(resource: T): T {
    return this.#stack.use(resource);
  }

  // The cluster

  get #place(): Place {
    return { kube: this.kube, namespace: this.namespace, nodeSelector: { 'e2e/scene': this.id } };
  }
  async node(options: SceneNodeOptions = {}): Promise<SceneNode> {
    const node = await createSceneNode(this.kube, this.aws, this.#place.nodeSelector, options);
    this.nodes.push(node);
    return node;
  }
  /** A Deployment whose pods all run; on the nodes that are there now. */
  async deployment(name: string, traits: PodTraits & { readonly replicas?: number } = {}): Promise<Workload> {
    const workload = await createWorkload(this.#place, 'Deployment', name, traits);
    await this.untilRunning(workload, traits.replicas ?? 1);
    return workload;
  }
  async statefulSet(name: string, traits: PodTraits & { readonly replicas?: number } = {}): Promise<Workload> {
    const workload = await createWorkload(this.#place, 'StatefulSet', name, traits);
    await this.untilRunning(workload, traits.replicas ?? 1);
    return workload;
  }
  async daemonSet(name: string, traits: PodTraits = {}): Promise<Workload> {
    const workload = await createWorkload(this.#place, 'DaemonSet', name, traits);
    await this.untilRunning(workload, this.nodes.length);
    return workload;
  }
  async pod(name: string, node: SceneNode, traits: PodTraits = {}, owner?: Parameters<typeof createPod>[4]) {
    const pod = await createPod(this.#place, name, node.name, traits, owner);
    const phase = traits.completes === true ? 'Succeeded' : 'Running';
    await this.eventually(`${name} to be ${phase}`, async () => {
      const now = await this.kube.get<PodObject>(this.podPath(name));
      return now.status?.phase === phase;
    });
    return pod;
  }
  async budget(name: string, workload: { labels: Readonly<Record<string, string>> }, spec: Record<string, unknown>) {
    const path = `/apis/policy/v1/namespaces/${this.namespace}/poddisruptionbudgets`;
    await this.kube.create(path, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name },
      spec: { selector: { matchLabels: workload.labels }, ...spec },
    });
    await this.eventually(`budget ${name} to be worked out`, async () => {
      const { status } = await this.kube.get<{ status?: { observedGeneration?: number } }>(`${path}/${name}`);
      return status?.observedGeneration !== undefined;
    });
    return `${path}/${name}`;
  }
  podPath(name: string): string {
    return `/api/v1/namespaces/${this.namespace}/pods/${name}`;
  }

  // The programs

  /** The agent of a node, at work: it reads the node's metadata (ours, unless the settings name another service). */
  async agent(node: SceneNode, settings: Settings = {}, role = roleOf('imds-agent')): Promise<Program> {
    if (settings.INSTANCE_METADATA_URL !== undefined) {
      return this.#start('imds-agent', role, { NODE_NAME: node.name, ...settings });
    }
    const imds = await this.metadata(node);
    const before = imds.requests().length;
    const program = await this.#start('imds-agent', role, {
      NODE_NAME: node.name,
      INSTANCE_METADATA_URL: imds.url,
      ...settings,
    });
    await this.eventually('the agent to poll its metadata', () => {
      mustRun(program);
      const paths = imds.requests().slice(before);
      return paths.some(({ path }) => path.endsWith('/spot/instance-action'));
    });
    return program;
  }
  /** The metadata service of a node's instance. */
  async metadata(node: SceneNode): Promise<ImdsSimulator> {
    return (node.imds ??= this.use(await startImds({ instance: metadataOf(node) })));
  }
  /** A queue processor at work: it has asked its queue for messages. */
  async processor(settings: Settings = {}, role = roleOf('queue-processor')): Promise<Program> {
    const { aws } = this;
    const before = aws.calls('sqs', 'ReceiveMessage').length;
    const program = await this.#start('queue-processor', role, {
      QUEUE_URL: aws.queueUrl,
      AWS_ENDPOINT: aws.url,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...settings,
    });
    await this.eventually('the queue processor to poll its queue', () => {
      mustRun(program);
      return settings.QUEUE_URL !== undefined || aws.calls('sqs', 'ReceiveMessage').length > before;
    });
    return program;
  }
  async #start(name: ProgramName, role: string, settings: Settings): Promise<Program> {
    const label = `${name}-${this.id}-${this.programs.length}`;
    const account = await createAccount(this.world, label, role, this.directory);
    return this.startAs(name, label, account, settings);
  }
  /** Starts a program with an account that is there, under a name of its own. */
  async startAs(name: ProgramName, label: string, account: Account, settings: Settings): Promise<Program> {
    const environment = {
      KUBECONFIG: account.kubeconfigFile,
      POD_NAME: label,
      NAMESPACE: 'node-termination-handler',
      TAINT_NODE: 'true',
      WEBHOOK_URL: this.webhook.url,
      ...plantedVariables,
      NODE_TERMINATION_GRACE_PERIOD: '60',
      ...settings,
    };
    const program = await Program.supervised(this.world.plane.supervisor, name, environment, {
      file: bundleOf(name, workspace),
      logFile: `${this.directory}/${label}/log`,
    });
    this.#accounts.set(program, account);
    return program;
  }
  get programs(): readonly Program[] {
    return [...this.#accounts.keys()];
  }
  accountOf(program: Program): Account {
    return required(this.#accounts.get(program));
  }
  /** What the API server's audit log has of a program. */
  requestsOf(program: Program): Promise<readonly AuditedRequest[]> {
    return auditedRequests(this.world.plane.auditLog, this.accountOf(program).user);
  }

  // Looks

  /** Waits until a look says true. */
  async eventually(what: string, look: () => boolean | Promise<boolean>, timeoutMs = PATIENCE_MS): Promise<void> {
    await eventually(what, look, timeoutMs);
  }
  async nodeNow(node: SceneNode): Promise<NodeObject> {
    return this.kube.get(`/api/v1/nodes/${node.name}`);
  }
  /** Everything on the node, without DaemonSet and mirror pods unless asked for. */
  async podsOn(node: SceneNode, options: { readonly all?: boolean } = {}): Promise<readonly PodObject[]> {
    const fieldSelector = `spec.nodeName=${node.name}`;
    const pods = await this.kube.list<PodObject>('/api/v1/pods', { fieldSelector });
    if (options.all === true) return pods;
    const stays = ({ metadata }: PodObject) =>
      metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true ||
      metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
    return pods.filter((pod) => !stays(pod));
  }
  async untilRunning(workload: Workload, count: number): Promise<void> {
    await this.eventually(`${count} pods of ${workload.name} to run`, async () => {
      const running = (await workload.pods()).filter(
        ({ metadata, status }) => status?.phase === 'Running' && metadata.deletionTimestamp === undefined,
      );
      return running.length === count;
    });
  }
  async untilCordoned(node: SceneNode): Promise<void> {
    await this.eventually(
      `${node.name} to be cordoned`,
      async () => (await this.nodeNow(node)).spec.unschedulable === true,
    );
  }
  async untilSchedulable(node: SceneNode): Promise<void> {
    await this.eventually(
      `${node.name} to be schedulable`,
      async () => (await this.nodeNow(node)).spec.unschedulable !== true,
    );
  }
  /** Cordoned, and nothing left that a drain takes away. */
  async untilDrained(node: SceneNode, timeoutMs = PATIENCE_MS): Promise<void> {
    await this.eventually(
      `${node.name} to be drained`,
      async () => (await this.nodeNow(node)).spec.unschedulable === true && (await this.podsOn(node)).length === 0,
      timeoutMs,
    );
  }
  async untilDeleted(message: SentMessage, timeoutMs = PATIENCE_MS): Promise<void> {
    const look = () => this.aws.sqs.message(message.messageId)?.deletedAt !== undefined;
    await this.eventually('the message to be deleted', look, timeoutMs);
  }
  /** The action as it stands now. */
  action(sent: { readonly action: LifecycleAction }): LifecycleAction {
    const found = this.aws.autoScaling.actions().find(({ token }) => token === sent.action.token);
    return required(found);
  }
  async untilCompleted(sent: { readonly action: LifecycleAction }, timeoutMs = PATIENCE_MS): Promise<LifecycleAction> {
    const look = () => this.action(sent).state === 'completed';
    await this.eventually('the lifecycle action to be completed', look, timeoutMs);
    return this.action(sent);
  }
  /** Events about a node. */
  async eventsOf(node: SceneNode): Promise<readonly EventObject[]> {
    const fieldSelector = `involvedObject.kind=Node,involvedObject.name=${node.name}`;
    return this.kube.list('/api/v1/namespaces/default/events', { fieldSelector });
  }

  /** What is known of the scenario by the API server, the simulated AWS and the programs' logs. */
  async evidence(): Promise<Evidence> {
    const { aws, nodes, programs } = this;
    const of = (body: string) => nodes.find(({ instanceId }) => body.includes(instanceId))?.name ?? 'no node';
    const logs = programs.map((program, index) => [`the log of ${program.name} (${index})`, program.output] as const);
    return {
      ...NOTHING,
      emptyAt: (node) => {
        const pods = this.pods.all().filter(({ nodeName, isDaemon }) => nodeName === node && !isDaemon);
        if (pods.some(({ goneAt }) => goneAt === undefined)) return undefined;
        return Math.max(0, ...pods.map(({ goneAt = 0 }) => goneAt - WATCH_LAG_MS));
      },
      messages: aws.sqs
        .messages()
        .map(({ body, deletedAt, deletionCalls }) => ({ node: of(body), deletedAt, deletionCalls })),
      receivedAgain: aws.sqs.redeliveriesInWork(),
      texts: {
        ...Object.fromEntries(logs),
        'the Kubernetes events': JSON.stringify(await this.kube.list('/api/v1/events')),
      },
      secrets: PLANTED,
      unknown: aws.unknownCalls().map(({ service, action }) => `${service} ${action}`),
    };
  }
  /** @throws Error with what breaks these invariants */
  async mustHold(...names: readonly InvariantName[]): Promise<void> {
    const found = violations(await this.evidence(), {}, names);
    if (found.length > 0) throw new Error(found.join('; '));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.programs.map(async (program) => program.kill()));
    await this.#stack.disposeAsync();
  }
}

/** @throws ProgramEndedError when a program has ended that is waited for */
function mustRun(program: Program): void {
  if (program.ended !== undefined) throw new ProgramEndedError(`${program.label} ended: ${program.ended}`);
}

function metadataOf({ instanceId, zone, privateDnsName }: SceneNode): Partial<ImdsInstance> {
  return { instanceId, availabilityZone: zone, localHostname: privateDnsName };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}
