import { pod } from '@node-termination-handler/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProgramName } from '../index.ts';
import { eventually, NODE, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
  world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
});
afterEach(() => world[Symbol.asyncDispose]());

/** What a program may do in the sandbox, but for one thing. */
const RULES = [
  { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch', 'patch'] },
];
const PATCH_NODES = { apiGroups: [''], resources: ['nodes'], verbs: ['patch'] };

type Mend = () => unknown;

/** Something that fails for longer than a moment, and what a program says of it. */
interface Row {
  readonly source: string;
  readonly program: ProgramName;
  readonly settings?: Readonly<Record<string, string>>;
  /** Breaks it, before the program starts. */
  readonly broken: (world: World) => Mend | Promise<Mend>;
  /** Has the program meet it; again when it is mended. */
  readonly notice?: (world: World) => unknown;
  readonly failing: string;
  readonly over: string;
}

const allowed = (program: ProgramName, rules: typeof RULES) => (in_: World) => {
  const user = `system:serviceaccount:kube-system:${program}`;
  in_.sandbox.kubernetes.setRules(user, rules);
  return () => in_.sandbox.kubernetes.setRules(user, undefined);
};
const awsFails = (action: string, code: string) => (in_: World) =>
  in_.sandbox.aws.faults.add({
    matches: (call) => call.action === action,
    misbehaviour: { kind: 'error', code, status: 400 },
  });
const spotByMetadata = ({ sandbox }: World) =>
  sandbox.imdsOf(NODE).setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000) });
const spotByQueue = ({ sandbox, instanceId }: World) => sandbox.aws.sendSpotInterruption(instanceId);

const ROWS: readonly Row[] = [
  {
    source: 'rights',
    program: 'imds-agent',
    broken: allowed('imds-agent', []),
    failing: 'not ready to work on nodes, trying again',
    over: 'ready to work on nodes',
  },
  {
    source: 'the API server',
    program: 'queue-processor',
    broken: async ({ sandbox }) => {
      await sandbox.kubernetes.pause();
      return () => sandbox.kubernetes.resume();
    },
    failing: 'not ready to work on nodes, trying again',
    over: 'ready to work on nodes',
  },
  {
    source: 'the list of nodes',
    program: 'queue-processor',
    broken: allowed('queue-processor', RULES.slice(1)),
    failing: 'the list of nodes cannot be kept up to date, trying again',
    over: 'the list of nodes is up to date again',
  },
  {
    source: 'the instance metadata at the start',
    program: 'imds-agent',
    broken: async ({ sandbox }) => {
      await sandbox.imdsOf(NODE).pause();
      return () => sandbox.imdsOf(NODE).resume();
    },
    failing: 'the instance metadata cannot be read, trying again',
    over: 'the instance metadata was read',
  },
  {
    source: 'one document of the metadata',
    program: 'imds-agent',
    settings: { METADATA_TRIES: '1' },
    broken: ({ sandbox }) =>
      sandbox.imdsOf(NODE).faults.add({
        matches: ({ path }) => path.endsWith('spot/instance-action'),
        misbehaviour: { kind: 'status', status: 500 },
      }),
    failing: 'There was a problem monitoring for events',
    over: 'monitoring for events works again',
  },
  {
    source: 'filtered metadata',
    program: 'imds-agent',
    broken: ({ sandbox }) => {
      const imds = sandbox.imdsOf(NODE);
      imds.set('meta-data/instance-type', undefined);
      return () => imds.set('meta-data/instance-type', 'm6i.large');
    },
    failing: 'the instance metadata is filtered, so that notices would not be seen',
    over: 'the instance metadata is filtered no more',
  },
  {
    source: 'SQS',
    program: 'queue-processor',
    broken: async ({ sandbox }) => {
      await sandbox.aws.pause();
      return () => sandbox.aws.resume();
    },
    failing: 'There was a problem monitoring for events',
    over: 'monitoring for events works again',
  },
  {
    source: 'credentials',
    program: 'queue-processor',
    broken: awsFails('ReceiveMessage', 'ExpiredToken'),
    failing: 'There was a problem monitoring for events',
    over: 'monitoring for events works again',
  },
  {
    source: 'EC2',
    program: 'queue-processor',
    broken: awsFails('DescribeInstances', 'UnauthorizedOperation'),
    notice: spotByQueue,
    failing: 'EC2 cannot be asked about instances',
    over: 'EC2 answers about instances again',
  },
  {
    source: 'Auto Scaling',
    program: 'queue-processor',
    broken: awsFails('CompleteLifecycleAction', 'AccessDenied'),
    notice: ({ sandbox, instanceId }) => sandbox.aws.sendLifecycleTermination(instanceId),
    failing: 'the lifecycle action could not be completed',
    over: 'lifecycle actions can be completed again',
  },
  {
    source: 'the webhook',
    program: 'imds-agent',
    settings: { WEBHOOK_EVENTS: 'received,drained' },
    broken: ({ sandbox }) => {
      sandbox.webhook.faults.add({ times: 1, misbehaviour: { kind: 'status', status: 404 } });
      return () => undefined;
    },
    notice: spotByMetadata,
    failing: 'webhook notification failed',
    over: 'webhook notifications are delivered again',
  },
  {
    source: 'writes of the record',
    program: 'imds-agent',
    broken: allowed('imds-agent', RULES),
    notice: spotByMetadata,
    failing: 'could not mark the node, trying again',
    over: 'the node can be marked again',
  },
  {
    source: 'Kubernetes events',
    program: 'imds-agent',
    settings: { EMIT_KUBERNETES_EVENTS: 'true' },
    broken: ({ sandbox }) => {
      const mend = allowed('imds-agent', [...RULES, PATCH_NODES])(world);
      // What comes to the node once events may be written.
      return () => {
        mend();
        const [NotBefore, NotAfter] = [new Date(Date.now() + 3_600_000), new Date(Date.now() + 7_200_000)];
        const reboot = {
          Code: 'system-reboot',
          Description: 'reboot',
          EventId: 'instance-event-1',
          State: 'active',
        } as const;
        sandbox.imdsOf(NODE).setScheduledEvents([{ ...reboot, NotBefore, NotAfter }]);
      };
    },
    notice: spotByMetadata,
    failing: 'Kubernetes event was not written',
    over: 'Kubernetes events are written again',
  },
  {
    source: 'the Lease',
    program: 'queue-processor',
    broken: allowed('queue-processor', [...RULES.slice(0, 3), PATCH_NODES]),
    failing: 'the Lease kube-system/… cannot be used, so that a replica that dies is waited for a minute',
    over: 'the Lease kube-system/… can be used again',
  },
];

describe('an error that lasts', () => {
  it.each(ROWS)('of $source is said with what to do, and when it is over', async (row) => {
    const mend = await row.broken(world);
    const program = row.program === 'imds-agent' ? world.imdsAgent(row.settings) : world.queueProcessor(row.settings);
    await row.notice?.(world);
    const find = (text: string) => {
      const [head = '', tail = ''] = text.split('…');
      return program.log.filter(({ message }) => message.startsWith(head) && message.endsWith(tail));
    };
    await eventually(() => expect(find(row.failing).length, program.output).toBeGreaterThan(0));
    const [line] = find(row.failing);
    expect(line).toMatchObject({
      level: expect.stringMatching(/^(?:warn|error)$/),
      advice: expect.stringMatching(/\w{4}/),
    });
    expect([line?.error, line?.reason]).toContainEqual(expect.stringMatching(/\w{4}/));
    await mend();
    await eventually(() => expect(find(row.over).length, program.output).toBeGreaterThan(0));
    expect(find(row.over)[0]).toMatchObject({ level: 'info', 'lasts-seconds': expect.any(Number) });
    // Once begun it is no news, however often it is tried: it may have another reason.
    expect(find(row.failing).length).toBeLessThan(4);
    expect(program.isRunning).toBe(true);
  });
});
