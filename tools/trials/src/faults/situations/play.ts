import { sleep, systemClock } from '@node-termination-handler/clock';
import { andAlso, playAll } from '../../case.ts';
import type { Case, CaseResult, Finding, PlayOptions } from '../../case.ts';
import type { Program, ProgramName } from '../../program.ts';
import { markdownTable } from '../../report.ts';
import { eventually, waitUntil } from '../../wait.ts';
import { finish, scene, untilAtWork } from '../course.ts';
import type { World, WorldOptions } from '../world.ts';
import { firingAlerts } from './alerts.ts';
import { choicesOf, HEAD, readPage, rowOf, untruths, writePage } from './page.ts';
import type { Choices } from './page.ts';
import { SITUATIONS } from './situations.ts';
import type { Situation } from './situations.ts';
import { compare } from './told.ts';
import type { Played, Told } from './told.ts';
import { witness } from './witness.ts';
import type { Seen } from './witness.ts';

/** How long things are wrong, in ms: until a failure has come again, so that what is said only then is said. */
const HOLD_MS = 30_000;
/** The longest pause between two tries of whatever is not there, with some to spare, in ms. */
const READY_WITHIN_MS = 70_000;
/** How long a program may take to begin its work, in ms, before its node is interrupted whether it has or not. */
const BEGINS_WITHIN_MS = 10_000;
/** What the instance of a program's node is told to go by. */
const WAYS = { 'imds-agent': 'metadata', 'queue-processor': 'spot' } as const;
const GROUP = 'situations';
const WORLD: WorldOptions = { going: 1, slowMs: 3000 };
/** A program shows itself as to people – what is kept from them is kept from this judge – and knows its node, as by its chart. */
const SHOWN = { ENABLE_PROMETHEUS_SERVER: 'true', PROMETHEUS_SERVER_PORT: '0', LOG_LEVEL: 'info' };
const SHOWN_BY = { 'imds-agent': SHOWN, 'queue-processor': { ...SHOWN, NODE_NAME: 'staying' } } as const;

/** How situations are played. */
export interface SituationOptions extends PlayOptions {
  /** Write the table of docs/troubleshooting.md anew, in place of comparing with it. */
  readonly record: boolean;
  readonly say: (line: string) => void;
}

/**
 * Plays every bad situation until it is mended, and beside them both programs with nothing wrong: what they show then is no sign. Says what
 * was told of each, and holds the table of docs/troubleshooting.md to it.
 */
export async function runSituations({ record, say, ...options }: SituationOptions): Promise<readonly CaseResult[]> {
  const played = new Map<Situation | ProgramName, Played>();
  const cases = [
    ...SITUATIONS.map((situation) => bad(situation, played)),
    well('imds-agent', played),
    well('queue-processor', played),
  ];
  const results = await playAll(cases, options);
  const told = SITUATIONS.flatMap((situation) => {
    const [found, usual] = [played.get(situation), played.get(situation.program)];
    if (found === undefined || usual === undefined) return [];
    return [{ ...compare(found, usual), situation, seen: found.wrong }];
  });
  const alerts = await firingAlerts(told.map(({ situation: { program }, seen }) => ({ program, seen })));
  if (alerts === undefined) say('There is no Go to build promtool with: nobody could be asked which alerts fire.');
  const choices = told.map((each, index) => choicesOf(each.situation, each, alerts?.[index]));
  say(`\n${summary(told, choices)}\n`);
  if (record && alerts !== undefined) writePage(choices.map(rowOf));
  const page = { group: GROUP, name: 'the table of docs/troubleshooting.md', durationMs: 0 };
  const violations = record ? [] : stale(choices);
  const compared: CaseResult = { ...page, violations, outcome: violations.length === 0 ? 'passed' : 'failed' };
  options.onResult(compared);
  return [...results, compared];
}

/** What was told of each situation, and how soon, which differs from run to run. */
function summary(told: readonly Told[], choices: readonly Choices[]): string {
  const rows = choices.map(rowOf).map((row, index) => {
    const seconds = told[index]?.afterSeconds;
    return [...HEAD.map((column) => row[column]), seconds === undefined ? '' : `${seconds.toFixed(1)} s`];
  });
  return markdownTable([[...HEAD, 'told after'], ...rows]);
}

/** What of the page is not so, in words. */
function stale(choices: readonly Choices[]): readonly string[] {
  const rows = readPage();
  return choices.flatMap((each) => {
    const name = each.situation?.[0] ?? '';
    const row = rows.find(({ situation }) => situation === name);
    return row === undefined ? [`no row for ${name}`] : untruths(row, each).map((what) => `${name}: ${what}`);
  });
}

function well(name: ProgramName, played: Map<Situation | ProgramName, Played>): Case {
  return scene(GROUP, `nothing is wrong (${name})`, WORLD, async (world) => {
    const program = world.start(name, { env: SHOWN_BY[name] });
    using eye = witness(program, world.sandbox);
    await untilAtWork(world);
    await untilReady(() => eye.seen());
    await world.interrupt(world.first, WAYS[name]);
    await program.says(/"Node successfully cordoned and drained"/);
    await sleep(systemClock, 1000);
    const wrong = eye.seen();
    const finding = await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 20 });
    played.set(name, { wrong, after: eye.seen() });
    return finding;
  });
}

function bad(situation: Situation, played: Map<Situation | ProgramName, Played>): Case {
  return scene(GROUP, `${situation.name} (${situation.program})`, { ...WORLD, ...situation.world }, (world) =>
    play(world, situation, played),
  );
}

async function play(
  world: World,
  situation: Situation,
  played: Map<Situation | ProgramName, Played>,
): Promise<Finding> {
  const { program: name, toldWhenMended = false, needsStart = false } = situation;
  const { env = {}, mend, ...options } = await situation.begin(world);
  const program = world.start(name, { ...options, env: { ...SHOWN_BY[name], ...env } });
  using eye = witness(program, world.sandbox);
  await waitUntil(() => eye.seen().readiness.status === 200, BEGINS_WITHIN_MS);
  if (!toldWhenMended) await world.interrupt(world.first, WAYS[name]);
  await sleep(systemClock, situation.holdMs ?? HOLD_MS);
  const wrong = eye.seen();
  const running = needsStart ? await startAnew(world, program) : program;
  await mend?.(program);
  const endedAt = systemClock.monotonic();
  if (toldWhenMended) await world.interrupt(world.first, WAYS[name]);
  using later = witness(running, world.sandbox);
  const notReady = await untilReady(() => later.seen()).then(
    () => [],
    (error: unknown) => [String(error)],
  );
  // That it is over is said a moment after it is.
  await waitUntil(() => running !== program || eye.seen().lines.length > wrong.lines.length + 1, 5000);
  // Who hears of it so late can tell pods no sooner, and tells no more of it than there is time for.
  const allowance = { repeats: true, silentWebhook: true, lateMs: 60_000 };
  const finding = await finish(world, { endedAt, boundSeconds: 60, allowance, running: [running] });
  played.set(situation, { wrong, after: eye.seen() });
  return andAlso(finding, notReady);
}

async function startAnew(world: World, program: Program): Promise<Program> {
  await program.stop();
  return world.start(program.name, { env: SHOWN_BY[program.name] });
}

/** Waits until a program's readiness probe says that all is there. @throws Error when it does not in time */
async function untilReady(seen: () => Seen): Promise<void> {
  await eventually('the program to be ready', () => seen().readiness.status === 200, READY_WITHIN_MS);
}
