import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { podDisruptionBudget, readList, readRecord, readString } from '@node-termination-handler/sandbox';
import { apiServerFaults } from '../api-server-faults.ts';
import { answers } from '../fault.ts';
import type { EndFault, Fault } from '../fault.ts';
import { VISIBILITY_SECONDS } from '../world.ts';
import type { World, WorldOptions } from '../world.ts';
import type { Program, ProgramName } from '../../program.ts';

/** What is wrong, from before a program starts on. */
interface Wrong {
  /** Settings that are part of it, or that it needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of node. */
  readonly nodeArgs?: readonly string[];
  /** Puts it right while the program runs; absent where that needs another start. */
  readonly mend?: (program: Program) => unknown;
}

/** A bad situation: what is wrong around a program that has a node to drain. */
export interface Situation {
  readonly name: string;
  readonly program: ProgramName;
  /** When it is told: while things are wrong, which is the default, or only when they are right again. */
  readonly toldWhenMended?: true;
  /** Only a start with other settings mends it. */
  readonly needsStart?: true;
  readonly world?: WorldOptions;
  /** How long things are wrong, in ms. Default: until a failure has come again. */
  readonly holdMs?: number;
  readonly begin: (world: World) => Wrong | Promise<Wrong>;
}

const clockJump = path.join(import.meta.dirname, '../../clock-jump.mjs');
/** How far a wrong clock is behind, in ms. */
const BEHIND_MS = 90_000;

/** A fault of the catalogue, in force before the program starts. */
function of(faults: readonly Fault[], name: string): Situation['begin'] {
  const fault = faults.find((each) => each.name === name);
  if (fault === undefined) throw new RangeError(`the catalogue has no fault "${name}"`);
  return async (world) => {
    const mend: EndFault = await fault.begin(world);
    return { mend };
  };
}

/** What EKS Pod Identity answers where no association names the service account. */
const NO_ASSOCIATION = {
  code: 'AccessDeniedException',
  message: 'Unauthorized Exception! EKS does not have permissions to assume the associated role.',
};

/** The agent of EKS Pod Identity, which gives keys once it has some; it goes with the world. */
async function podIdentity(
  first: string | undefined,
): Promise<{ env: Record<string, string>; give: (id: string) => void }> {
  let accessKeyId = first;
  const server = createServer((_request, response) => {
    if (accessKeyId === undefined) {
      response.writeHead(400).end(JSON.stringify(NO_ASSOCIATION));
      return;
    }
    const Expiration = new Date(Date.now() + 6 * 3_600_000).toISOString();
    response.end(JSON.stringify({ AccessKeyId: accessKeyId, SecretAccessKey: 'secret', Token: 'token', Expiration }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/credentials`;
  const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_CONTAINER_CREDENTIALS_FULL_URI: url };
  return { env, give: (id) => void (accessKeyId = id) };
}

/** The kubelet of a node falls silent, or speaks again: its node's condition says so, and its pods end never, or soon. */
function setKubelet({ sandbox, record }: World, node: string, isDead: boolean): void {
  const { kubernetes } = sandbox;
  for (const { namespace, name, node: on } of record.pods)
    if (on === node) kubernetes.setPodBehaviour(namespace, name, { endsAfterMs: isDead ? 'never' : 20 });
  const found = kubernetes.get({ kind: 'Node', name: node });
  if (found === undefined) throw new Error(`there is no node ${node}`);
  const status = readRecord(found, 'status');
  const others = readList(status, 'conditions').filter((condition) => readString(condition, 'type') !== 'Ready');
  const ready = isDead
    ? { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }
    : { type: 'Ready', status: 'True', reason: 'KubeletReady' };
  kubernetes.put({ ...found, status: { ...status, conditions: [...others, ready] } });
  const lease = { namespace: 'kube-node-lease', name: node };
  kubernetes.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: lease });
}

/** Every bad situation of docs/troubleshooting.md, in its order. */
export const SITUATIONS: readonly Situation[] = [
  {
    name: 'the queue is not there',
    program: 'queue-processor',
    toldWhenMended: true,
    begin: async ({ sandbox }) => {
      const { sqs } = sandbox.aws;
      await sqs.deleteQueue('interruptions');
      return {
        mend: () => sqs.createQueue('interruptions', { visibilityTimeoutSeconds: VISIBILITY_SECONDS }),
      };
    },
  },
  {
    name: 'no credentials',
    program: 'queue-processor',
    begin: async () => {
      const { env, give } = await podIdentity(undefined);
      return { env, mend: () => give('AKIDNEW') };
    },
  },
  {
    name: 'expired credentials',
    program: 'queue-processor',
    begin: async ({ sandbox }) => {
      const { env, give } = await podIdentity('AKIDOLD');
      const message = 'The security token included in the request is expired';
      sandbox.aws.faults.add({
        matches: ({ accessKeyId }) => accessKeyId === 'AKIDOLD',
        misbehaviour: { kind: 'error', code: 'ExpiredToken', message, status: 403 },
      });
      return { env, mend: () => give('AKIDNEW') };
    },
  },
  {
    name: 'another region',
    program: 'queue-processor',
    needsStart: true,
    begin: () => ({ env: { AWS_REGION: 'eu-west-1', CHECK_TAG_BEFORE_DRAINING: 'true' } }),
  },
  {
    name: 'a FIFO queue',
    program: 'queue-processor',
    needsStart: true,
    begin: ({ sandbox }) => ({ env: { QUEUE_URL: `${sandbox.aws.queueUrl}.fifo` } }),
  },
  {
    name: 'no right',
    program: 'queue-processor',
    begin: of(apiServerFaults, 'forbids everything (RBAC taken away)'),
  },
  { name: 'no API server', program: 'queue-processor', begin: of(apiServerFaults, 'refuses connections') },
  {
    name: 'filtered metadata',
    program: 'imds-agent',
    toldWhenMended: true,
    begin: ({ sandbox, first }) => {
      // As kiam with a short list of what it lets through.
      const isHidden = ({ path: at }: { readonly path: string }): boolean =>
        !/\/(?:token|instance-id|document)$/.test(at);
      const rule = { matches: isHidden, misbehaviour: answers(404) };
      return { mend: sandbox.imdsOf(first).faults.add(rule) };
    },
  },
  {
    name: 'a clock that is behind',
    program: 'imds-agent',
    begin: () => ({
      nodeArgs: ['--import', clockJump],
      env: { CLOCK_AHEAD_MS: String(-BEHIND_MS), CLOCK_JUMP_MS: String(BEHIND_MS) },
      mend: (program) => program.signal('SIGUSR2'),
    }),
  },
  {
    name: 'a disruption budget',
    program: 'imds-agent',
    begin: ({ sandbox }) => {
      const { kubernetes } = sandbox;
      const { metadata } = kubernetes.put(podDisruptionBudget({ name: 'web', maxUnavailable: 0 }));
      return {
        mend: () => void kubernetes.remove({ kind: 'PodDisruptionBudget', namespace: 'default', name: metadata.name }),
      };
    },
  },
  {
    name: 'an admission webhook',
    program: 'imds-agent',
    begin: of(apiServerFaults, 'has an admission webhook that denies evictions'),
  },
  {
    name: 'a dead kubelet',
    program: 'queue-processor',
    // A drain looks for one when a pod's grace is over, and once more after ten seconds.
    world: { graceSeconds: 1 },
    holdMs: 35_000,
    begin: (world) => {
      setKubelet(world, world.first, true);
      return { mend: () => setKubelet(world, world.first, false) };
    },
  },
];
