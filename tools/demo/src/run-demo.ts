import { sleep, systemClock, timeLimit } from '@node-termination-handler/clock';
import { startSandbox } from '@node-termination-handler/sandbox';
import type { Sandbox } from '@node-termination-handler/sandbox';
import type { Program } from '@node-termination-handler/trials';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gatherEvidence, judge } from './judge/judge.ts';
import type { Finding } from './judge/judge.ts';
import { findingLines, nodeTable, paragraph } from './live/final-table.ts';
import { createLiveView } from './live/live-view.ts';
import { poisonWords } from './observe/figures.ts';
import { startRecorder } from './observe/recorder.ts';
import { renderPage, renderPicture } from './page/page.ts';
import { createCast, deadlineSeconds } from './play/cast.ts';
import type { Cast } from './play/cast.ts';
import { play } from './play/play.ts';
import { areAtWork, startPrograms } from './play/programs.ts';

/** Where the demo runs and what it may take. */
export interface DemoOptions {
  /** The folder with `apps/` in it; the page goes to `results/demo/` below it. */
  readonly workspaceRoot: string;
  readonly output: NodeJS.WriteStream;
  /** Where to save the timeline as a picture too, below `workspaceRoot`. */
  readonly picture?: string;
  /** Ends the demo early, and leaves nothing running. */
  readonly signal?: AbortSignal;
  /** The longest it may take, in ms. Default 55,000. */
  readonly timeLimitMs?: number;
}

/** What is seen, before it is. */
const story = `Both programs, as they are shipped, on an embedded stand-in for AWS and Kubernetes. One node hears of a spot interruption from its metadata, one gets a rebalance recommendation, then Auto Scaling terminates twenty at once; three of them hold pods of a workload whose disruption budget lets one go at a time. Each has ${deadlineSeconds} s. A message that is no event gets in between.`;

const lookEveryMs = 100;

/** How long a program has for its end, in ms: all is done by then, and the last long polls of a queue that goes away need not end. */
const programGraceMs = 2_000;

/** Starts the sandbox and puts the cast on its nodes. */
export async function openSandbox(cast: Cast): Promise<Sandbox> {
  const sandbox = await startSandbox({
    nodes: cast.sandboxNodes,
    hooks: cast.hooks,
    kubernetes: { workloadController: true },
  });
  for (const object of cast.objects) sandbox.kubernetes.put(object);
  return sandbox;
}

/** Looks again and again until something is so; false when the time is over or a program has ended. */
async function until(
  isSo: () => boolean | Promise<boolean>,
  programs: readonly Program[],
  signal: AbortSignal,
): Promise<boolean> {
  while (!(await isSo())) {
    if (signal.aborted || programs.some(({ isRunning }) => !isRunning)) return false;
    await sleep(systemClock, lookEveryMs);
  }
  return true;
}

function trouble(programs: readonly Program[], ready: boolean): Finding[] {
  const ended = programs.flatMap(({ label, ended }) =>
    ended === undefined ? [] : [{ claim: `${label} runs`, holds: false, evidence: `ended: ${ended}` }],
  );
  const idle = { claim: 'both programs begin their work', holds: false, evidence: 'they did not in time' };
  return ready ? ended : [...ended, idle];
}

/**
 * Runs the whole demo and saves its page.
 * @returns whether all that must hold held
 * @throws BundleMissingError when the programs are not built
 */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const { workspaceRoot, output, timeLimitMs = 55_000 } = options;
  using limit = timeLimit({ clock: systemClock, limitMs: timeLimitMs, signals: [options.signal] });
  const { signal } = limit;
  const results = path.join(workspaceRoot, 'results', 'demo');
  await mkdir(results, { recursive: true });
  const cast = createCast();
  output.write(`${paragraph(story)}\n\n`);
  await using sandbox = await openSandbox(cast);
  using recorder = startRecorder(sandbox, cast);
  const programs = await startPrograms(workspaceRoot, results, sandbox, cast);
  await using running = new AsyncDisposableStack();
  for (const program of programs) running.defer(() => program.stop(programGraceMs).then(() => undefined));

  const ready = await until(() => areAtWork(sandbox, cast), programs, signal);
  const startedAt = systemClock.now();
  const view = createLiveView(output, startedAt);
  const isOver = async (): Promise<boolean> => {
    const timelines = recorder.timelines();
    view.show(timelines, recorder.poison());
    return judge(await gatherEvidence(sandbox, cast, timelines, recorder.history)).every(({ holds }) => holds);
  };
  if (ready) {
    const [played] = await Promise.allSettled([play(sandbox, cast, recorder, signal), until(isOver, programs, signal)]);
    if (played.status === 'rejected' && !signal.aborted) throw played.reason;
  }
  const timelines = recorder.timelines();
  const endedAt = systemClock.now();
  const poison = recorder.poison();
  view.show(timelines, poison);
  view.end();

  const problems = trouble(programs, ready);
  // What comes after the last deletion counts too: a program must not do a thing again on its way out.
  await running.disposeAsync();
  const findings = [...judge(await gatherEvidence(sandbox, cast, recorder.timelines(), recorder.history)), ...problems];
  const page = path.join(results, 'timeline.html');
  await writeFile(page, renderPage({ timelines, poison, findings, startedAt, endedAt }));
  const picture = renderPicture(timelines, poison, endedAt);
  await writeFile(path.join(results, 'timeline.svg'), picture);
  if (options.picture !== undefined) await writeFile(path.join(workspaceRoot, options.picture), picture);

  const good = findings.every(({ holds }) => holds);
  output.write(`\n${nodeTable(timelines)}\n\n`);
  if (poison !== undefined) output.write(`${paragraph(`A message that is no event: ${poisonWords(poison)}.`)}\n\n`);
  output.write(`${findingLines(findings)}\n\n`);
  output.write(`As a picture: ${path.relative(workspaceRoot, page)}\n`);
  for (const program of good ? [] : programs) {
    output.write(`\nLast lines of ${program.label}:\n${program.lastLines(20).join('\n')}\n`);
  }
  return good;
}
