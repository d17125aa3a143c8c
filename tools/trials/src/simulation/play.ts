import { createHash } from 'node:crypto';
import { sleep, systemClock } from '@node-termination-handler/clock';
import { catalogue } from '../faults/catalogue.ts';
import { evidenceOf, progressOf } from '../faults/course.ts';
import { USUAL_BOUND_SECONDS } from '../faults/fault.ts';
import { startWorld } from '../faults/world.ts';
import { IN_THE_END, violations } from '../invariants.ts';
import type { Allowance } from '../invariants.ts';
import { WAIT_MS } from '../pod-ends.ts';
import type { Program } from '../program.ts';
import { Cast } from './cast.ts';
import type { Parts } from './cast.ts';
import { Computer } from './computer.ts';
import { hold } from './holds.ts';
import { Network } from './network.ts';
import { perform } from './perform.ts';
import { agentName, metadataName, processorName } from './plan.ts';
import type { Act, Plan } from './plan.ts';
import { observe } from './recording/observe.ts';
import type { Observations } from './recording/observe.ts';
import type { Stage } from './stage.ts';
import { Timeline } from './timeline.ts';
import { Probes } from './probes.ts';
import { playOn } from './virtual-node.ts';

/** What came of a play. */
export interface Outcome {
  readonly seed: number;
  /** Of everything that happened, in its order: equal for equal plays. */
  readonly hash: string;
  readonly violations: readonly string[];
  /** How many things happened. */
  readonly steps: number;
  /** How long it took in its own time, in ms. */
  readonly lastedMs: number;
  /** Everything that happened, line by line, where it was asked for. */
  readonly trace: readonly string[];
  /** What a recording has of a play, where it was asked for and the play came to its end. */
  readonly observations?: Observations;
}

/** What is kept of a play. Default: neither. */
interface Kept {
  /** Everything that happened, line by line. */
  readonly keepsTrace?: boolean;
  /** What a recording has of it. */
  readonly observes?: boolean;
}

/** Within how long after the last trouble everything must be done that can be, in ms. */
const BOUND_MS = 180_000;
/** How often the play looks whether it is, in ms. */
const LOOK_EVERY_MS = 500;
/** The most that a play may do: one that does more goes in circles. */
const MOST_STEPS = 150_000;
const STOPPED_WITHIN_MS = 60_000;

/** Plays a plan. Only on a stage that is set, and one play after the other. */
export async function play(
  plan: Plan,
  stage: Stage,
  { keepsTrace = false, observes = false }: Kept = {},
): Promise<Outcome> {
  const timeline = new Timeline();
  const { seed } = plan;
  const hash = createHash('sha256');
  const trace: string[] = [];
  const note = (line: string): void => {
    const timed = `${timeline.nowMs.toFixed(3)} ${line}\n`;
    hash.update(timed);
    if (keepsTrace) trace.push(timed.trimEnd());
  };
  const world = new Computer({ timeline, seed, name: 'the world' });
  const network = new Network({ timeline, seed, world, note });
  playOn({ timeline, network, world, files: new Map() });
  const faults: string[] = [];
  const onRejection = (error: unknown): void =>
    void faults.push(`bad end: a rejection that nobody heard: ${String(error)}`);
  process.on('unhandledRejection', onRejection);
  try {
    const course = new Promise<Seen>((resolve, reject) => {
      world.run(() => void run(plan, stage, { timeline, network, note, ...plan, observes }).then(resolve, reject));
    });
    const { violations: found, observations } = await timeline.play(course, { maxSteps: MOST_STEPS });
    return {
      ...{ seed, trace, steps: timeline.steps, lastedMs: timeline.nowMs },
      hash: hash.digest('hex').slice(0, 16),
      violations: [...found, ...faults],
      ...(observations && { observations }),
    };
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      ...{ seed, trace, steps: timeline.steps, lastedMs: timeline.nowMs },
      hash: hash.digest('hex').slice(0, 16),
      violations: [`never over: ${what}`, ...faults],
    };
  } finally {
    process.off('unhandledRejection', onRejection);
    playOn(undefined);
  }
}

/** What was seen in a play. */
interface Seen {
  readonly violations: readonly string[];
  readonly observations: Observations | undefined;
}

async function run(plan: Plan, stage: Stage, parts: Parts & Kept): Promise<Seen> {
  const { network, note } = parts;
  const cast = new Cast(stage, parts);
  const { certificates } = stage;
  await using world = await startWorld({
    going: plan.nodes,
    ends: plan.ends,
    daemonsGo: plan.settings.IGNORE_DAEMON_SETS === 'false',
    launch: cast.launch,
    sandbox: { kubernetes: { terminationMs: 20, certificates } },
  });
  const { sandbox } = world;
  network.name(sandbox.kubernetes.url, 'kubernetes');
  network.name(sandbox.aws.url, 'aws');
  network.name(sandbox.webhook.url, 'webhook');
  world.going.forEach((node, index) => network.name(sandbox.imdsOf(node).url, metadataName(index)));
  using observer = parts.observes === true ? observe(world) : undefined;
  using held = new DisposableStack();
  const holds = plan.holds.map((planned) => ({ ...planned, hold: held.use(hold(world, planned)) }));
  const env = { ENABLE_PROBES_SERVER: 'false', LOG_LEVEL: 'info', ...plan.settings };
  const start = (pod: string): Program => {
    const node = plan.agents.find((agent) => agentName(agent) === pod);
    return node === undefined
      ? world.start('queue-processor', { podName: pod, env })
      : world.start('imds-agent', { podName: pod, env, node: world.going[node] ?? '' });
  };
  for (let replica = 0; replica < plan.replicas; replica += 1) start(processorName(replica));
  for (const node of plan.agents) start(agentName(node));
  using probes = env.ENABLE_PROBES_SERVER === 'true' ? new Probes(cast, network) : undefined;
  await sleep(systemClock, 1000);

  const fromMs = systemClock.monotonic();
  const at = (ms: number): Promise<void> => sleep(systemClock, Math.max(0, ms - (systemClock.monotonic() - fromMs)));
  await Promise.all([
    ...plan.interruptions.map(async ({ node, way, atMs }) => {
      await at(atMs);
      note(`${way} for ${world.going[node] ?? ''}`);
      await world.interrupt(world.going[node] ?? '', way);
    }),
    ...holds.map(async ({ hold: { turn, allowDeletions }, turnsMs, deletionsUntilMs }) => {
      for (const turnMs of turnsMs) {
        await at(turnMs);
        turn();
      }
      await at(deletionsUntilMs);
      allowDeletions();
    }),
    ...plan.acts.map((act) => perform(act, { world, cast, parts, at, start })),
  ]);
  const allowance = allowanceOf(plan);
  const over = systemClock.monotonic() + BOUND_MS;
  const isUnsettled = (): boolean =>
    world.record.history.isUnsettled || violations(progressOf(world), allowance, IN_THE_END).length > 0;
  while (isUnsettled() && systemClock.monotonic() < over) await sleep(systemClock, LOOK_EVERY_MS);
  // People are told a moment after the deed.
  await sleep(systemClock, 5000);
  const liveness = probes?.liveness() ?? [];
  const readiness = probes?.readiness() ?? [];
  const badEnds = (await Promise.all(cast.running.map(stopped))).flat();
  return {
    violations: violations({ ...evidenceOf(world), badEnds, liveness, readiness }, allowance),
    observations: observer?.observations(),
  };
}

async function stopped(program: Program): Promise<readonly string[]> {
  if (!program.isRunning) return [`${program.name} ended by itself`];
  const code = await program.stop(STOPPED_WITHIN_MS);
  if (program.ended === 'signal SIGKILL') return [`${program.name} did not stop within ${STOPPED_WITHIN_MS / 1000} s`];
  return code === 0 ? [] : [`${program.name} ended with code ${code ?? 'none'} when it was told to stop`];
}

/** A clock that is wrong by less is left as it is, in ms. */
const LEFT_WRONG_MS = 2000;

/** How long another program believes the claim of one that has died, in ms. */
const CLAIM_MS = 60_000;

/** What the acts of a plan allow, together; agent and processor may each tell of the same node. */
function allowanceOf({ acts, agents, replicas, clocks }: Plan): Allowance {
  const faults = catalogue.filter(({ area, name }) =>
    acts.some((act) => act.kind === 'fault' && act.area === area && act.name === name),
  );
  const isSilent = ({ kind }: Act): boolean => kind === 'crash' || kind === 'link';
  return {
    lateMs: CLAIM_MS + 1000 * Math.max(0, ...faults.map(({ boundSeconds = USUAL_BOUND_SECONDS }) => boundSeconds)),
    // Where nobody goes away, and all answer, nothing keeps the work on a node from its begin.
    ...(acts.every(({ kind }) => kind === 'crowd') && { waitMs: WAIT_MS }),
    earlyMs: Object.keys(clocks).length > 0 || acts.some(({ kind }) => kind === 'clock') ? LEFT_WRONG_MS : 0,
    repeats:
      agents.length > 0 ||
      replicas > 1 ||
      acts.some(({ kind }) => kind !== 'fault') ||
      faults.some(({ allowance }) => allowance?.repeats === true),
    silentWebhook: acts.some(isSilent) || faults.some(({ allowance }) => allowance?.silentWebhook === true),
  };
}
