// node -C @node-termination-handler/source tools/trials/src/e2e/main.ts
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseKubernetesVersion } from '@node-termination-handler/control-plane';
import { parseCommandLine, usage } from './command-line.ts';
import { runContract } from './contract/run-contract.ts';
import { findMissingBundles } from './harness/bundles.ts';
import { startWorld, workspaceRoot } from './harness/world.ts';
import { junitXml } from './runner/junit.ts';
import type { ScenarioResult } from './runner/result.ts';
import { runScenarios } from './runner/run.ts';
import { resultLine, resultTable } from './runner/table.ts';
import { scenarios } from './scenarios/index.ts';

const say = (line: string) => console.log(line);
const results = join(workspaceRoot, 'results', 'e2e');

async function main(): Promise<number> {
  const line = parseCommandLine(process.argv.slice(2));
  if (line.help) return tell(usage);
  const chosen = scenarios.filter(
    ({ name }) => line.filters.length === 0 || line.filters.some((word) => name.includes(word)),
  );
  if (line.list) return tell(chosen.map(({ name, proves }) => `${name}: ${proves}`).join('\n'));
  const missing = line.scenarios ? await findMissingBundles() : [];
  if (missing.length > 0) throw new Error(`not built: ${missing.join(', ')}; run "npm run bundle" first`);

  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort(new Error(signal)));
  const startedAt = performance.now();
  await mkdir(results, { recursive: true });
  await using world = await startWorld(chooseKubernetesVersion(), say, stopped.signal);
  const { plane } = world;
  say(`Kubernetes ${plane.version.patch} at ${plane.url}`);

  const contractHolds = !line.contract || (await runContract(plane, join(results, 'contract.xml')));
  const ran: readonly ScenarioResult[] = line.scenarios
    ? await runScenarios(world, chosen, {
        concurrency: line.concurrency,
        signal: stopped.signal,
        onResult: (result) => say(resultLine(result)),
      })
    : [];
  if (ran.length > 0) await report(ran, plane.version.patch);

  const failed = ran.filter(({ outcome }) => outcome === 'failed');
  if (line.contract) say(`The contract ${contractHolds ? 'holds' : 'is broken'} on Kubernetes ${plane.version.patch}.`);
  say(`Took ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
  const count = (outcome: ScenarioResult['outcome']) => ran.filter((result) => result.outcome === outcome).length;
  say(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  return contractHolds && failed.length === 0 && !stopped.signal.aborted ? 0 : 1;
}

async function report(ran: readonly ScenarioResult[], version: string): Promise<void> {
  for (const { name, proves, outcome, message = '', details = '' } of ran) {
    if (outcome === 'failed') say(`\n✗ ${name}\n  should prove: ${proves}\n  ${message}\n${details}`);
  }
  say(`\n${resultTable(ran)}\n`);
  await writeFile(join(results, 'scenarios.xml'), junitXml(`e2e on Kubernetes ${version}`, ran));
}

function tell(text: string): number {
  say(text);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
