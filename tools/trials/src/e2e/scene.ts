import { systemClock, withTimeLimit } from '@node-termination-handler/clock';
import { startImds, startWebhookReceiver } from '@node-termination-handler/sandbox';
import type {
  AwsSimulator,
  ImdsSimulator,
  LifecycleAction,
  SentMessage,
  WebhookReceiver,
} from '@node-termination-handler/sandbox';
import { causeOfMessage, NOTHING } from '../evidence.ts';
import type { Evidence } from '../evidence.ts';
import { violations } from '../invariants.ts';
import type { InvariantName } from '../invariants.ts';
import type { NodeObject } from '../kube.ts';
import { disagreements, isClaimedForNothing, RecordHistory } from '../node-record.ts';
import { bundleOf, Program, ProgramEndedError, root } from '../program.ts';
import type { ProgramName } from '../program.ts';
import { auditedRequests, isDeletion, podRequests, takenAt } from './audit.ts';
import type { AuditedRequest } from './audit.ts';
import { follow } from './follow.ts';
import { watchPods } from './pod-history.ts';
import type { PodHistory, PodLife } from './pod-history.ts';
import type { SceneNode } from './scene-node.ts';
import { openPlace, PATIENCE_MS, required, Stage } from './stage.ts';
import type { StagePlace } from './stage.ts';
import { bindToLease, createAccount, createClaimLease, roleOf } from './world.ts';
import type { Account, World } from './world.ts';

/** Variables of a program, beside those that say where everything is. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Programs built elsewhere can be tried: `E2E_WORKSPACE` says where. */
const workspace = process.env.E2E_WORKSPACE ?? root;

/** Secrets that every program is given, and that nothing it writes may show. */
const PLANTED = { awsKey: 'PLANTED-aws-secret-key', webhookHeader: 'PLANTED-webhook-header' } as const;

/** What every program is given; a scenario may have others. */
const USUAL_SETTINGS: Settings = {
  NAMESPACE: 'node-termination-handler',
  TAINT_NODE: 'true',
  NODE_TERMINATION_GRACE_PERIOD: '60',
  // Whoever sees first that a person gave a node back tells of it, and that may be a queue processor of another scenario.
  EMIT_KUBERNETES_EVENTS: 'true',
  AWS_SECRET_ACCESS_KEY: PLANTED.awsKey,
  WEBHOOK_HEADERS: JSON.stringify({
    'Content-type': 'application/json',
    Authorization: `Bearer ${PLANTED.webhookHeader}`,
  }),
};

/** The watch that tells this process of nodes may be so much behind the programs' own, in ms. */
const WATCH_LAG_MS = 5000;

/** A lifecycle action that was started, with the message that told of it. */
type Sent = SentMessage & { readonly action: LifecycleAction };

/** One scenario's part of the world: its own nodes, namespace, AWS account, webhook receiver and programs. */
export class Scene extends Stage {
  readonly webhook: WebhookReceiver;
  readonly pods: PodHistory;
  /** What stood on its nodes. */
  readonly records: RecordHistory;
  readonly directory: string;
  readonly #accounts = new Map<Program, Account>();
  readonly #starts = new Map<Program, () => Promise<Program>>();
  #claimLease: Promise<string> | undefined;
  #started = 0;

  private constructor(place: StagePlace, webhook: WebhookReceiver, pods: PodHistory, records: RecordHistory) {
    super(place);
    this.webhook = webhook;
    this.pods = pods;
    this.records = records;
    this.directory = `${this.world.plane.directory}/${this.namespace}`;
  }

  static async open(world: World): Promise<Scene> {
    await using stack = new AsyncDisposableStack();
    const place = await openPlace(world, stack);
    const webhook = stack.use(await startWebhookReceiver());
    const pods = stack.use(watchPods(world.plane.api, place.namespace));
    const records = new RecordHistory();
    const labelSelector = `e2e/scene=${place.id}`;
    stack.use(
      follow<NodeObject>(
        world.plane.api,
        '/api/v1/nodes',
        { labelSelector },
        {
          set: (node) => records.see(node.metadata.name, node, Date.now()),
          gone: ({ metadata }) => records.see(metadata.name, undefined, Date.now()),
        },
      ),
    );
    return new Scene({ ...place, stack: stack.move() }, webhook, pods, records);
  }

  // The instances

  /** Tells a node's own metadata that its instance goes in two minutes. */
  spotNotice(node: SceneNode): void {
    node.imds?.setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000) });
  }
  /** A hook of a group, in which nodes can be; answers with the group's name. */
  hook(heartbeatTimeoutSeconds = 300, what: 'TERMINATING' | 'LAUNCHING' = 'TERMINATING'): string {
    const transition = `autoscaling:EC2_INSTANCE_${what}` as const;
    this.aws.autoScaling.putHook({ name: 'hook', group: 'group', transition, heartbeatTimeoutSeconds });
    return 'group';
  }
  /** Terminates an instance of the group. */
  async terminate(
    node: SceneNode,
    options: Parameters<AwsSimulator['sendLifecycleTermination']>[1] = {},
  ): Promise<Sent> {
    const [sent] = await this.aws.sendLifecycleTermination(node.instanceId, options);
    return required(sent);
  }

  // The programs

  /** The agent of a node, at work: it reads the node's metadata (ours, unless the settings name another service). */
  async agent(node: SceneNode, settings: Settings = {}, role = roleOf('imds-agent')): Promise<Program> {
    if (settings.INSTANCE_METADATA_URL !== undefined) {
      return this.#start('imds-agent', role, { NODE_NAME: node.name, ...settings });
    }
    const imds = await this.metadata(node);
    const before = imds.requests().length;
    const places = { NODE_NAME: node.name, INSTANCE_METADATA_URL: imds.url };
    const program = await this.#start('imds-agent', role, { ...places, ...settings });
    await this.eventually('the agent to poll its metadata', () => {
      mustRun(program);
      const paths = imds.requests().slice(before);
      return paths.some(({ path }) => path.endsWith('/spot/instance-action'));
    });
    return program;
  }
  /** The metadata service of a node's instance. */
  async metadata(node: SceneNode): Promise<ImdsSimulator> {
    const { instanceId, zone: availabilityZone, privateDnsName: localHostname } = node;
    return (node.imds ??= this.use(await startImds({ instance: { instanceId, availabilityZone, localHostname } })));
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
      CLAIM_LEASE_NAME: await (this.#claimLease ??= this.#createClaimLease()),
      ...settings,
    });
    await this.eventually('the queue processor to poll its queue', () => {
      mustRun(program);
      return settings.QUEUE_URL !== undefined || aws.calls('sqs', 'ReceiveMessage').length > before;
    });
    return program;
  }
  /** All queue processors of a scenario are replicas of one release. */
  async #createClaimLease(): Promise<string> {
    const name = `release-${this.id}`;
    await createClaimLease(this.world, name);
    return name;
  }
  async #start(name: ProgramName, role: string, settings: Settings): Promise<Program> {
    const label = `${name}-${this.id}-${this.#started++}`;
    const account = await createAccount(this.world, label, role, this.directory);
    const { CLAIM_LEASE_NAME: lease } = settings;
    if (lease !== undefined) await bindToLease(this.world, label, lease);
    return this.startAs(name, label, account, settings);
  }
  /** Starts a program with an account that is there, under a name of its own. */
  async startAs(name: ProgramName, label: string, account: Account, settings: Settings): Promise<Program> {
    const places = { KUBECONFIG: account.kubeconfigFile, POD_NAME: label, WEBHOOK_URL: this.webhook.url };
    const environment = { ...places, ...USUAL_SETTINGS, ...settings };
    const program = await Program.supervised(this.world.plane.supervisor, name, environment, {
      label,
      file: bundleOf(name, workspace),
      logFile: `${this.directory}/${label}/log`,
    });
    this.#accounts.set(program, account);
    this.#starts.set(program, () => this.startAs(name, label, account, settings));
    return program;
  }
  /** Starts a program once more, as a kubelet starts a container again: in the same pod, with all that it was given. */
  restarted(program: Program): Promise<Program> {
    return required(this.#starts.get(program))();
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

  /** What anybody asked to be done with the scenario's pods, by the API server's audit log. */
  podRequests(): Promise<readonly AuditedRequest[]> {
    return podRequests(this.world.plane.auditLog, this.namespace);
  }
  /** The moment at which the API server was told to remove a pod that is gone, in ms since the epoch. */
  async removedAt(name: string): Promise<number> {
    await this.pods.caughtUp();
    return required(removedAt(required(this.pods.of(name)), await this.podRequests()));
  }
  /** The notifications, when so many have come. */
  delivered(count: number): ReturnType<WebhookReceiver['waitFor']> {
    const limit = { clock: systemClock, limitMs: PATIENCE_MS };
    return withTimeLimit(limit, (signal) => this.webhook.waitFor(count, signal));
  }
  isDeleted({ messageId }: SentMessage): boolean {
    return this.aws.sqs.message(messageId)?.deletedAt !== undefined;
  }
  async untilDeleted(message: SentMessage, timeoutMs?: number): Promise<void> {
    await this.eventually('the message to be deleted', () => this.isDeleted(message), timeoutMs);
    await this.pods.caughtUp();
  }
  override async untilDrained(node: SceneNode, timeoutMs?: number): Promise<void> {
    await super.untilDrained(node, timeoutMs);
    await this.pods.caughtUp();
  }
  /** The node is drained, and the message that asked for it deleted. */
  async untilDone(node: SceneNode, message: SentMessage, timeoutMs?: number): Promise<void> {
    await this.untilDrained(node, timeoutMs);
    await this.untilDeleted(message, timeoutMs);
  }
  /** The action as it stands now. */
  action(sent: Pick<Sent, 'action'>): LifecycleAction {
    return required(this.aws.autoScaling.actions().find(({ token }) => token === sent.action.token));
  }
  async untilCompleted(sent: Pick<Sent, 'action'>, timeoutMs?: number): Promise<LifecycleAction> {
    const isCompleted = () => this.action(sent).state === 'completed';
    await this.eventually('the lifecycle action to be completed', isCompleted, timeoutMs);
    return this.action(sent);
  }
  /** What is known of the scenario by the API server, the simulated AWS and the programs' logs. */
  async evidence(): Promise<Evidence> {
    const { aws, nodes, programs } = this;
    const nodeOf = (body: string) => nodes.find(({ instanceId }) => body.includes(instanceId))?.name;
    const logs = programs.map((program, index) => [`the log of ${program.name} (${index})`, program.output] as const);
    const now = (
      await Promise.all(nodes.map(({ name }) => this.kube.find<NodeObject>(`/api/v1/nodes/${name}`)))
    ).filter((node) => node !== undefined);
    const events = JSON.stringify(await this.kube.list('/api/v1/events'));
    await this.pods.caughtUp();
    const requests = await this.podRequests();
    return {
      ...NOTHING,
      emptyAt: (node) => {
        const pods = this.pods.all().filter(({ nodeName, isDaemon }) => nodeName === node && !isDaemon);
        if (pods.some(({ goneAt }) => goneAt === undefined)) return undefined;
        return Math.max(0, ...pods.map((pod) => removedAt(pod, requests) ?? 0));
      },
      recordedAt: (node, at) => [...this.records.causesAt(node, at), ...this.records.causesAt(node, at + WATCH_LAG_MS)],
      disagreements: now.flatMap((node) => disagreements(node).map((what) => `${node.metadata.name}: ${what}`)),
      claimedForNothing: now.filter(isClaimedForNothing).map(({ metadata }) => metadata.name),
      messages: aws.sqs.messages().map(({ body, ...message }) => {
        return { ...message, node: nodeOf(body), cause: causeOfMessage(body) };
      }),
      actions: aws.autoScaling
        .actions()
        .map(({ instanceId, ...action }) => ({ ...action, node: nodeOf(instanceId) ?? instanceId })),
      receivedAgain: aws.sqs.redeliveriesInWork(),
      texts: { ...Object.fromEntries(logs), 'the Kubernetes events': events },
      secrets: PLANTED,
      unknown: aws.unknownCalls().map(({ service, action }) => `${service} ${action}`),
    };
  }
  /** @throws Error with what breaks these invariants */
  async mustHold(...names: readonly InvariantName[]): Promise<void> {
    const found = violations(await this.evidence(), {}, names);
    if (found.length > 0) throw new Error(found.join('; '));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.programs.map((program) => program.kill()));
    await super[Symbol.asyncDispose]();
  }
}

/** When the API server was told to remove a pod: by its kubelet, the last of all who wanted it to go. Undefined while it is there. */
function removedAt({ name, goneAt = 0 }: PodLife, requests: readonly AuditedRequest[]): number | undefined {
  const removals = requests.filter((request) => isDeletion(request) && request.objectRef?.name === name);
  return removals.map(takenAt).findLast((at) => at <= goneAt);
}

/** @throws ProgramEndedError when a program has ended that is waited for */
function mustRun(program: Program): void {
  if (program.ended !== undefined) throw new ProgramEndedError(`${program.label} ended: ${program.ended}`);
}
