import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import { pod, startSandbox, workload } from '@node-termination-handler/sandbox';
import type {
  KubernetesObjectInput,
  LifecycleHookOptions,
  Sandbox,
  SandboxNode,
  SandboxOptions,
} from '@node-termination-handler/sandbox';
import { Program } from '../program.ts';
import type { ProgramName, ProgramOptions } from '../program.ts';
import { HOOK_SECONDS, interrupt } from './ends.ts';
import type { Ends, Interruption, Way } from './ends.ts';
import { startRecord } from './record.ts';
import type { WorldRecord } from './record.ts';

/** Secrets that the programs are given, and that nothing they write may show. */
export const SECRETS = {
  webhookPath: 'PLANTED-webhook-path-9c1f',
  webhookHeader: 'PLANTED-webhook-header-77ab',
  awsKey: 'PLANTED-aws-secret-key-41d0',
} as const;

/** What belongs to others on every node, and must be there at the end. */
export const FOREIGN = {
  label: ['team', 'blue'],
  annotation: ['example.com/note', 'mine'],
  taint: { key: 'pool', value: 'old', effect: 'NoSchedule' },
} as const;

/** A node that no event names. */
const STAYING = 'staying';

/** The group of all nodes. */
export const GROUP = 'workers';

/** The names of nodes that may be interrupted. */
function goingNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `going-${index + 1}`);
}

function hooks({ hookSeconds = HOOK_SECONDS, otherHookSeconds }: Ends): readonly LifecycleHookOptions[] {
  const shared = { group: GROUP, transition: 'autoscaling:EC2_INSTANCE_TERMINATING' } as const;
  const other = otherHookSeconds === undefined ? [] : [otherHookSeconds];
  return [hookSeconds, ...other].map((heartbeatTimeoutSeconds, index) => ({
    ...{ name: index === 0 ? 'drain' : 'other', ...shared, heartbeatTimeoutSeconds },
    ...(index > 0 && { defaultResult: 'CONTINUE' as const }),
  }));
}

/** A node with marks that are not the programs'. */
function castNode(name: string, imds: boolean): SandboxNode {
  return {
    name,
    imds,
    group: GROUP,
    labels: { [FOREIGN.label[0]]: FOREIGN.label[1] },
    annotations: { [FOREIGN.annotation[0]]: FOREIGN.annotation[1] },
    taints: [FOREIGN.taint],
  };
}

/** Pods of a node: two that end at once, one that takes its time, and one of a DaemonSet that stays. */
export function castPods(node: string, slowMs: number, graceSeconds?: number): readonly KubernetesObjectInput[] {
  const grace = graceSeconds === undefined ? {} : { graceSeconds };
  return [
    pod({ name: `web-${node}-1`, node, owner: 'ReplicaSet', ownerName: 'web', ...grace }),
    pod({ name: `web-${node}-2`, node, owner: 'ReplicaSet', ownerName: 'web', ...grace }),
    pod({ name: `slow-${node}`, node, owner: 'ReplicaSet', ownerName: 'slow', endsAfterMs: slowMs, ...grace }),
    workload({ kind: 'DaemonSet', name: 'daemon' }),
    pod({ name: `daemon-${node}`, node, owner: 'DaemonSet', ownerName: 'daemon' }),
  ];
}

/** How a world is set up. */
export interface WorldOptions {
  /** How many nodes may be interrupted. Default 1. */
  readonly going?: number;
  /** How long each node's slow pod takes to end, in ms. Default 400. */
  readonly slowMs?: number;
  /** The grace of the pods that go, in seconds. Default 30. */
  readonly graceSeconds?: number;
  /** Give the nodes that may be interrupted a metadata service. Default true. */
  readonly imds?: boolean;
  /** When the instances go. Default: as AWS warns, and a hook of five minutes without heartbeats. */
  readonly ends?: Ends;
  /** Whether pods of DaemonSets are to go like others. Default: no. */
  readonly daemonsGo?: boolean;
  readonly sandbox?: Partial<SandboxOptions>;
  /** Starts a program. Default: its bundle, as a process of its own. */
  readonly launch?: (name: ProgramName, environment: ProgramSettings, options: ProgramOptions) => Program;
}

/** Variables of a program's environment. */
type ProgramSettings = Readonly<Record<string, string>>;

/** How a program is started in a world. */
interface StartOptions extends ProgramOptions {
  readonly env?: ProgramSettings;
  /** The agent's node. Default: the first that may be interrupted. */
  readonly node?: string;
  /** The pod's name. Default: one of the program's own. */
  readonly podName?: string;
}

/** A sandbox with something to lose, and the programs in it. */
export interface World extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** The nodes that may be interrupted. */
  readonly going: readonly string[];
  /** The first of them, and the second where there is one. */
  readonly first: string;
  readonly second: string;
  readonly record: WorldRecord;
  readonly interruptions: readonly Interruption[];
  readonly programs: readonly Program[];
  /** A folder of this world's own. */
  readonly directory: string;
  start(name: ProgramName, options?: StartOptions): Program;
  interrupt(node: string, way: Way): Promise<Interruption>;
}

/** How long a message is invisible in these worlds, in seconds: short, so that what a dead program held comes again soon. */
export const VISIBILITY_SECONDS = 4;

const settings = {
  SQS_MSG_VISIBILITY_TIMEOUT_SEC: String(VISIBILITY_SECONDS),
  TAINT_NODE: 'true',
  EMIT_KUBERNETES_EVENTS: 'true',
  WEBHOOK_EVENTS: 'received,cordoned,drained,failed',
  WEBHOOK_TEMPLATE: '{"phase":"{{ .Phase }}","node":"{{ .NodeName }}","event":"{{ .EventID }}"}',
  WEBHOOK_HEADERS: JSON.stringify({ authorization: `Bearer ${SECRETS.webhookHeader}` }),
  AWS_SECRET_ACCESS_KEY: SECRETS.awsKey,
  ENABLE_PROBES_SERVER: 'true',
  PROBES_SERVER_PORT: '0',
  LOG_LEVEL: 'debug',
};

/** Starts a world; nothing is interrupted and no program runs yet. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const {
    going: count = 1,
    slowMs = 400,
    graceSeconds,
    imds = true,
    ends = {},
    daemonsGo,
    sandbox: sandboxOptions,
  } = options;
  const launch: NonNullable<WorldOptions['launch']> =
    options.launch ?? ((name, env, how) => Program.start(name, env, how));
  await using stack = new AsyncDisposableStack();
  const going = goingNames(count);
  const sandbox = stack.use(
    await startSandbox({
      nodes: [...going.map((name) => castNode(name, imds)), castNode(STAYING, false)],
      hooks: hooks(ends),
      aws: { queue: { visibilityTimeoutSeconds: VISIBILITY_SECONDS } },
      kubernetes: { terminationMs: 20 },
      ...sandboxOptions,
    }),
  );
  const directory = await mkdtemp(path.join(tmpdir(), 'nth-faults-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  for (const name of [...going, STAYING])
    for (const pod of castPods(name, slowMs, graceSeconds)) sandbox.kubernetes.put(pod);
  const record = stack.use(startRecord(sandbox, daemonsGo));
  const [first = '', second = ''] = going;
  const interruptions: Interruption[] = [];
  const programs: Program[] = [];
  // An instance goes at its end, whatever still runs there.
  const goings = stack.use(new DisposableStack());
  const goAt = (node: string, at: number): (() => void) => {
    const go = (): void => {
      record.lose(node);
      sandbox.aws.ec2.setState(sandbox.instanceIdOf(node), 'terminated');
    };
    const timer = systemClock.startTimer(at - Date.now(), go, { keepsProcessAlive: false });
    return () => timer.stop();
  };
  const resources = stack.move();
  return {
    sandbox,
    going,
    first,
    second,
    record,
    interruptions,
    programs,
    directory,
    start: (name, { env, node = first, podName, ...rest } = {}) => {
      const places = name === 'imds-agent' ? sandbox.agentEnvironment(node) : sandbox.queueProcessorEnvironment();
      const all = {
        ...places,
        POD_NAME: podName ?? `${name}-${programs.length}`,
        ...settings,
        ...(ends.beats === true && { HEARTBEAT_INTERVAL: 'auto' }),
        WEBHOOK_URL: `${sandbox.webhook.url}/${SECRETS.webhookPath}`,
        ...env,
      };
      const program = resources.use(launch(name, all, rest));
      programs.push(program);
      return program;
    },
    interrupt: async (node, way) => {
      record.told(node);
      const sent = await interrupt(sandbox, node, way, ends);
      interruptions.push(sent);
      if (sent.deadlineAt !== undefined) goings.defer(goAt(node, sent.deadlineAt));
      return sent;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
