import { playAll } from '../case.ts';
import type { Case, CaseResult, PlayOptions } from '../case.ts';
import { waitUntil } from '../wait.ts';
import { scene, untilAtWork } from './course.ts';
import { castPods } from './world.ts';
import type { World } from './world.ts';

/** How much a soak puts through. */
export interface SoakOptions extends PlayOptions {
  readonly events: number;
}

/** What the process holds at one moment. */
interface ProcessSize {
  readonly rssMiB: number;
  /** Open files and sockets. */
  readonly handles: number;
}

const NODES = 20;
/** Of each hundred messages: terminations of our nodes, events of other people's instances, and bodies that are no events. */
const OURS = 20;
const POISON = 5;
const BATCH = 500;
/** As the image and the chart start it: without bounds the collector takes what the machine has. */
const IMAGE_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=64'];
/**
 * What may still come after the first quarter of the events, in MiB and handles. Pools of connections breathe; of a leak, the thousands of
 * events between the quarters would leave far more.
 */
const MAY_GROW_MIB = 16;
const MAY_GROW_HANDLES = 40;

/** A queue-processor works through many events; what it holds must not grow. */
export function runSoak(options: SoakOptions): Promise<readonly CaseResult[]> {
  return playAll([soak(options.events)], options);
}

function soak(events: number): Case {
  const kubernetes = { terminationMs: 5, requestLogLimit: 1000 };
  const options = { going: NODES, imds: false, slowMs: 20, sandbox: { kubernetes } };
  return scene('soak', `${events} events (queue-processor)`, options, async (world) => {
    const program = world.start('queue-processor', {
      nodeArgs: IMAGE_FLAGS,
      env: { MALLOC_ARENA_MAX: '1', LOG_LEVEL: 'error', WEBHOOK_EVENTS: 'failed' },
    });
    await untilAtWork(world);
    const sizes: ProcessSize[] = [];
    const problems: string[] = [];
    for (let done = 0; done < events; done += BATCH) {
      const lost = await oneBatch(world, done);
      if (lost > 0) problems.push(`${lost} messages of the batch from ${done} on did not end in two minutes`);
      if (!program.isRunning || problems.length > 0) break;
      sizes.push({ rssMiB: program.residentMiB, handles: program.handles });
    }
    const code = await program.stop();
    return {
      violations: [
        ...problems,
        ...(code === 0 ? [] : [`queue-processor ended with code ${code ?? 'none'}`]),
        ...growth(sizes),
      ],
      measured: describe(sizes),
      details: sizes.map(({ rssMiB, handles }) => `${rssMiB.toFixed(0)} MiB, ${handles} handles`).join('\n'),
    };
  });
}

/** From the first batch to the last. */
function describe(sizes: readonly ProcessSize[]): string {
  const first = sizes.at(0);
  const last = sizes.at(-1);
  if (first === undefined || last === undefined) return '';
  return `${first.rssMiB.toFixed(0)} → ${last.rssMiB.toFixed(0)} MiB, ${first.handles} → ${last.handles} handles`;
}

/** Sends a batch, and answers how many of its messages did not end. */
async function oneBatch({ sandbox, going }: World, from: number): Promise<number> {
  const { aws, kubernetes } = sandbox;
  for (const name of going) refresh(sandbox, name);
  const sent: string[] = [];
  const others: string[] = [];
  for (let index = 0; index < BATCH; index++) {
    const kind = (from + index) % 100;
    const node = going[index % NODES] ?? '';
    if (kind < OURS) sent.push((await aws.sendSpotInterruption(sandbox.instanceIdOf(node))).messageId);
    else if (kind < OURS + POISON) sent.push(await aws.sqs.send(`no event ${from + index}`));
    else {
      const instanceId = `i-${(from + index).toString(16).padStart(17, '0')}`;
      // Only that EC2 describes it without the tag makes an instance somebody else's; an unknown one may still come.
      aws.ec2.put({ instanceId });
      others.push(instanceId);
      sent.push((await aws.sendSpotInterruption(instanceId)).messageId);
    }
  }
  const open = () => sent.filter((id) => aws.sqs.message(id)?.deletedAt === undefined).length;
  await waitUntil(() => open() === 0, 120_000);
  for (const instanceId of others) aws.ec2.remove(instanceId);
  kubernetes.clearRequests();
  return open();
}

/** The node comes back with new pods, as if another instance had taken its place. */
function refresh(sandbox: World['sandbox'], name: string): void {
  const node = sandbox.kubernetes.get({ kind: 'Node', name });
  if (node === undefined) return;
  const { unschedulable: _unschedulable, ...spec } = node.spec as Readonly<Record<string, unknown>>;
  const { annotations: _annotations, ...metadata } = node.metadata;
  sandbox.kubernetes.put({ ...node, metadata, spec });
  for (const pod of castPods(name, 20)) sandbox.kubernetes.put(pod);
}

/** How much more the process held in the last quarter of the events than in the second: the least of each, which is what stays. */
function growth(sizes: readonly ProcessSize[]): readonly string[] {
  const quarter = Math.floor(sizes.length / 4);
  if (quarter === 0) return [`${sizes.length} batches are too few to see growth`];
  const early = least(sizes.slice(quarter, 2 * quarter));
  const late = least(sizes.slice(-quarter));
  return [
    ...(late.rssMiB > early.rssMiB + MAY_GROW_MIB
      ? [`memory grew from ${early.rssMiB.toFixed(0)} MiB to ${late.rssMiB.toFixed(0)} MiB`]
      : []),
    ...(late.handles > early.handles + MAY_GROW_HANDLES
      ? [`open handles grew from ${early.handles} to ${late.handles}`]
      : []),
  ];
}

function least(sizes: readonly ProcessSize[]): ProcessSize {
  return {
    rssMiB: Math.min(...sizes.map(({ rssMiB }) => rssMiB)),
    handles: Math.min(...sizes.map(({ handles }) => handles)),
  };
}
