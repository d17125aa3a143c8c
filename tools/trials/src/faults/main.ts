// node -C @node-termination-handler/source tools/trials/src/faults/main.ts
import { access, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { root } from '../index.ts';
import { parseCommandLine, usage } from './command-line.ts';
import type { CommandLine, Part } from './command-line.ts';
import { runMatrix } from './matrix/run-matrix.ts';
import { runReplicas } from './replicas/run-replicas.ts';
import type { CaseResult } from './report/case-result.ts';
import { junitXml } from './report/junit.ts';
import { resultLines, resultTable } from './report/table.ts';
import { recordSchedules, runSchedules } from './schedules/run-schedules.ts';
import { runSoak } from './soak/run-soak.ts';

const say = (line: string) => console.log(line);
const results = path.join(root, 'results', 'faults');
/** Most of a case is waiting. */
const WORLDS_AT_ONCE = 3 * availableParallelism();

function run(part: Part, line: CommandLine): Promise<readonly CaseResult[]> {
  const { quick, filters, seed, schedules, record, events, patience } = line;
  const shared = {
    concurrency: WORLDS_AT_ONCE,
    quick,
    patience,
    onResult: (result: CaseResult) => say(resultLines(result)),
  };
  switch (part) {
    case 'matrix':
      return runMatrix({ ...shared, filters });
    case 'schedules':
      if (record) return recordSchedules(shared);
      return runSchedules({ ...shared, count: schedules, ...(seed !== undefined && { seed }) });
    case 'replicas':
      return runReplicas(shared);
    case 'soak':
      return runSoak({ ...shared, events });
  }
}

async function main(): Promise<number> {
  const line = parseCommandLine(process.argv.slice(2));
  if (line.help) {
    say(usage);
    return 0;
  }
  await access(path.join(root, 'apps/queue-processor/dist/main.cjs')).catch(() => {
    throw new Error('the programs are not built: run "npm run bundle" first');
  });
  await mkdir(results, { recursive: true });
  const from = performance.now();
  const all: CaseResult[] = [];
  for (const part of line.parts) {
    say(`\n${part}`);
    const found = await run(part, line);
    await writeFile(path.join(results, `${part}.xml`), junitXml(part, found));
    all.push(...found);
  }
  // A schedule is told by its seed when it fails; two hundred lines of them would hide the rest.
  const rows = all.filter(({ group, outcome }) => group !== 'schedules' || outcome === 'failed');
  say(`\n${resultTable(rows)}\n`);
  const schedules = all.filter(({ group }) => group === 'schedules');
  if (schedules.length > 0) say(`${schedules.length} random schedules were played, by seed.`);
  const failed = all.filter(({ outcome }) => outcome === 'failed').length;
  say(`Took ${((performance.now() - from) / 1000).toFixed(0)} s.`);
  say(`${all.length - failed} passed, ${failed} failed`);
  return failed === 0 && all.length > 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
