import path from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import { chooseKubernetesVersion } from '@node-termination-handler/control-plane';
import type { CaseResult } from '../case.ts';
import { runCommand } from '../command-line.ts';
import { mustBeBuilt, root } from '../program.ts';
import { finalLine, resultLines, resultTable, writeJunit } from '../report.ts';
import { parseCommandLine, usage } from './command-line.ts';
import { runContract } from './contract/run-contract.ts';
import { chooseScenarios, runScenarios } from './run.ts';
import { scenarios } from './scenarios/index.ts';
import { startWorld } from './world.ts';

// node -C @node-termination-handler/source tools/trials/src/e2e/main.ts

const results = path.join(root, 'results/e2e');

await runCommand(async (say) => {
  const line = parseCommandLine(process.argv.slice(2));
  const chosen = chooseScenarios(scenarios, line);
  if (line.help || line.list) {
    say(line.help ? usage : chosen.map(({ name, proves }) => `${name}: ${proves}`).join('\n'));
    return 0;
  }
  if (line.scenarios) await mustBeBuilt(process.env.E2E_WORKSPACE);

  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort(new Error(signal)));
  const fromMs = systemClock.monotonic();
  await using world = await startWorld(chooseKubernetesVersion(), say, stopped.signal);
  const { plane } = world;
  say(`Kubernetes ${plane.version.patch} at ${plane.url}`);

  const contractHolds = !line.contract || (await runContract(plane, path.join(results, 'contract.xml')));
  const { concurrency } = line;
  const { signal } = stopped;
  const options = { concurrency, signal, onResult: (result: CaseResult) => say(resultLines(result)) };
  const ran = line.scenarios ? await runScenarios(world, chosen, options) : [];
  if (ran.length > 0) {
    say(`\n${resultTable(ran)}\n`);
    await writeJunit(path.join(results, 'scenarios.xml'), `e2e on Kubernetes ${plane.version.patch}`, ran);
  }
  if (line.contract) say(`The contract ${contractHolds ? 'holds' : 'is broken'} on Kubernetes ${plane.version.patch}.`);
  say(`Took ${((systemClock.monotonic() - fromMs) / 1000).toFixed(0)} s.`);
  const scenariosHold = finalLine(ran, say) === 0 || !line.scenarios;
  return contractHolds && scenariosHold && !signal.aborted ? 0 : 1;
});
