import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Program } from '../../program.ts';
import type { ProgramName, ProgramOptions } from '../../program.ts';
import { startSandbox } from '@node-termination-handler/sandbox';
import type { Sandbox, SandboxOptions } from '@node-termination-handler/sandbox';
import { castNode, castPods, goingNames, hook, STAYING } from './cast.ts';
import { interrupt } from './interrupt.ts';
import type { Interruption, Way } from './interrupt.ts';
import { startRecord } from './record.ts';
import type { WorldRecord } from './record.ts';
import { SECRETS } from './secrets.ts';

/** How a world is set up. */
export interface WorldOptions {
  /** How many nodes may be interrupted. Default 1. */
  readonly going?: number;
  /** How long each node's slow pod takes to end, in ms. Default 400. */
  readonly slowMs?: number;
  /** Give the nodes that may be interrupted a metadata service. Default true. */
  readonly imds?: boolean;
  readonly sandbox?: Partial<SandboxOptions>;
}

/** Variables of a program's environment. */
export type ProgramSettings = Readonly<Record<string, string>>;

/** How a program is started in a world. */
export interface StartOptions extends ProgramOptions {
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
  const { going: count = 1, slowMs = 400, imds = true, sandbox: sandboxOptions } = options;
  await using stack = new AsyncDisposableStack();
  const going = goingNames(count);
  const sandbox = stack.use(
    await startSandbox({
      nodes: [...going.map((name) => castNode(name, imds)), castNode(STAYING, false)],
      hooks: [hook],
      aws: { queue: { visibilityTimeoutSeconds: VISIBILITY_SECONDS } },
      kubernetes: { terminationMs: 20 },
      ...sandboxOptions,
    }),
  );
  const directory = await mkdtemp(path.join(tmpdir(), 'nth-faults-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  for (const name of [...going, STAYING]) for (const pod of castPods(name, slowMs)) sandbox.kubernetes.put(pod);
  const record = stack.use(startRecord(sandbox));
  const interruptions: Interruption[] = [];
  const programs: Program[] = [];
  const resources = stack.move();
  return {
    sandbox,
    going,
    record,
    interruptions,
    programs,
    directory,
    start: (name, { env, node = going[0] ?? '', podName, ...rest } = {}) => {
      const places = name === 'imds-agent' ? sandbox.agentEnvironment(node) : sandbox.queueProcessorEnvironment();
      const all = {
        ...places,
        POD_NAME: podName ?? `${name}-${programs.length}`,
        ...settings,
        WEBHOOK_URL: `${sandbox.webhook.url}/${SECRETS.webhookPath}`,
        ...env,
      };
      const program = resources.use(Program.start(name, all, rest));
      programs.push(program);
      return program;
    },
    interrupt: async (node, way) => {
      const sent = await interrupt(sandbox, node, way);
      interruptions.push(sent);
      return sent;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
