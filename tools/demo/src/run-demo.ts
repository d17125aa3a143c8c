import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox } from '@node-termination-handler/sandbox';
import type { Sandbox } from '@node-termination-handler/sandbox';
import { gatherEvidence } from './judge/evidence.ts';
import type { Finding } from './judge/finding.ts';
import { judge } from './judge/judge.ts';
import { findingLines, nodeTable } from './live/final-table.ts';
import { createLiveView } from './live/live-view.ts';
import { startRecorder } from './observe/recorder.ts';
import { renderPage } from './page/page.ts';
import { createCast } from './play/cast.ts';
import type { Cast } from './play/cast.ts';
import { play } from './play/play.ts';
import type { Program } from './play/program.ts';
import { areAtWork, startPrograms } from './play/programs.ts';

/** Where the demo runs and what it may take. */
export interface DemoOptions {
  readonly workspaceRoot: string;
  readonly output: NodeJS.WriteStream;
  /** The longest it may take, in ms. Default 55,000. */
  readonly timeLimitMs?: number;
}

const lookEveryMs = 100;

/** Looks again and again until something is so; false when the time is over or a program has ended. */
async function until(
  isSo: () => boolean | Promise<boolean>,
  programs: readonly Program[],
  signal: AbortSignal,
): Promise<boolean> {
  while (!(await isSo())) {
    if (signal.aborted || programs.some((program) => program.ended() !== undefined)) return false;
    await sleep(lookEveryMs);
  }
  return true;
}

async function openSandbox(cast: Cast): Promise<Sandbox> {
  const sandbox = await startSandbox({
    nodes: cast.sandboxNodes,
    hooks: cast.hooks,
    kubernetes: { workloadController: true },
  });
  for (const object of cast.objects) sandbox.kubernetes.put(object);
  return sandbox;
}

function programTrouble(programs: readonly Program[]): Finding[] {
  return programs.flatMap((program) => {
    const ended = program.ended();
    return ended === undefined
      ? []
      : [{ claim: `${program.name} runs`, holds: false, evidence: `it ended with ${ended}` }];
  });
}

/**
 * Runs the whole demo and saves its page.
 * @returns whether all that must hold held
 * @throws BundleMissingError when the programs are not built
 */
export async function runDemo({ workspaceRoot, output, timeLimitMs = 55_000 }: DemoOptions): Promise<boolean> {
  const signal = AbortSignal.timeout(timeLimitMs);
  const results = path.join(workspaceRoot, 'results', 'demo');
  await mkdir(results, { recursive: true });
  const cast = createCast();
  await using sandbox = await openSandbox(cast);
  using recorder = startRecorder(sandbox, cast);
  const programs = await startPrograms(workspaceRoot, results, sandbox, cast);
  await using stack = new AsyncDisposableStack();
  for (const program of programs) stack.use(program);

  const ready = await until(() => areAtWork(sandbox, cast), programs, signal);
  const startedAt = Date.now();
  const view = createLiveView(output, startedAt);
  const isOver = async (): Promise<boolean> => {
    view.show(recorder.timelines());
    const findings = judge(await gatherEvidence(sandbox, cast, recorder.timelines()));
    return findings.every(({ holds }) => holds);
  };
  if (ready) {
    const played = play(sandbox, cast, recorder, signal);
    await Promise.all([played, until(isOver, programs, signal)]);
  }
  const timelines = recorder.timelines();
  view.show(timelines);
  view.end();
  const endedAt = Date.now();

  const trouble = [
    ...programTrouble(programs),
    ...(ready ? [] : [{ claim: 'both programs begin their work', holds: false, evidence: 'they did not in time' }]),
  ];
  // What comes after the last deletion counts too: a program must not do a thing again on its way out.
  await stack.disposeAsync();
  const findings = [...judge(await gatherEvidence(sandbox, cast, recorder.timelines())), ...trouble];
  const page = path.join(results, 'timeline.html');
  await writeFile(page, renderPage({ timelines, findings, startedAt, endedAt }));

  const good = findings.every(({ holds }) => holds);
  output.write(`\n${nodeTable(timelines)}\n\n${findingLines(findings)}\n\n`);
  output.write(`Timeline: ${path.relative(workspaceRoot, page)}\n`);
  if (!good)
    for (const { name, lastLines } of programs) output.write(`\nLast lines of ${name}:\n${lastLines().join('\n')}\n`);
  return good;
}
