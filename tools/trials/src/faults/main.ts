import { availableParallelism } from 'node:os';
import path from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import type { CaseResult } from '../case.ts';
import { runCommand } from '../command-line.ts';
import { mustBeBuilt, root } from '../program.ts';
import { finalLine, resultLines, resultTable, writeJunit } from '../report.ts';
import { parseCommandLine, usage } from './command-line.ts';
import type { CommandLine, Part } from './command-line.ts';
import { runMatrix } from './matrix.ts';
import { runPolls } from './polls.ts';
import { runReplicas } from './replicas.ts';
import { runSituations } from './situations/play.ts';
import { runSoak } from './soak.ts';

// node -C @node-termination-handler/source tools/trials/src/faults/main.ts

/** Most of a case is waiting. */
const WORLDS_AT_ONCE = 3 * availableParallelism();

function run(part: Part, line: CommandLine, say: (line: string) => void): Promise<readonly CaseResult[]> {
  const { quick, filters, record, events, polls, patience } = line;
  const onResult = (result: CaseResult): void => say(resultLines(result));
  const shared = { concurrency: WORLDS_AT_ONCE, quick, patience, onResult };
  switch (part) {
    case 'matrix':
      return runMatrix({ ...shared, filters });
    case 'situations':
      return runSituations({ ...shared, record, say });
    case 'replicas':
      return runReplicas(shared);
    case 'soak':
      return runSoak({ ...shared, events });
    case 'polls':
      return runPolls({ ...shared, polls });
  }
}

await runCommand(async (say) => {
  const line = parseCommandLine(process.argv.slice(2));
  if (line.help) {
    say(usage);
    return 0;
  }
  await mustBeBuilt();
  const fromMs = systemClock.monotonic();
  const play = async (part: Part): Promise<readonly CaseResult[]> => {
    const found = await run(part, line, say);
    await writeJunit(path.join(root, 'results/faults', `${part}.xml`), part, found);
    return found;
  };
  // Where bounds are patient, parts that mostly wait may be played at once; what a process holds is measured while nothing else is under way.
  const isPlayedAlone = (part: Part): boolean => part === 'soak' || !line.quick;
  const together = line.parts.filter((part) => !isPlayedAlone(part));
  const all = (await Promise.all(together.map(play))).flat();
  for (const part of line.parts.filter(isPlayedAlone)) all.push(...(await play(part)));
  say(`\n${resultTable(all)}\n`);
  say(`Took ${((systemClock.monotonic() - fromMs) / 1000).toFixed(0)} s.`);
  return finalLine(all, say);
});
