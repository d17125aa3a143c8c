// node -C @node-termination-handler/source tools/checks/src/charts/main.ts [--write]
import { casesIn, renderAll } from './chart/cases.ts';
import { allChecks } from './checks/all.ts';
import { runCheck } from './checks/check.ts';
import type { CheckContext, CheckResult } from './checks/check.ts';
import { writeSnapshots } from './checks/helm.ts';
import { resultTable } from './checks/result-table.ts';
import { writeGenerated } from './generate/write-generated.ts';
import { findTools } from './tool/tools.ts';

const usage = `Usage: chart-check [--write]

Checks the Helm charts of both programs: what is generated, what Helm makes of them, alerts and dashboards.
  --write   first makes generated files and snapshots anew; read the difference before you commit it
Programs that judge (helm, kubeconform, promtool, actionlint) are built with Go once; without Go their checks are skipped.`;

async function context(isWriting: boolean): Promise<CheckContext> {
  if (isWriting) for (const name of await writeGenerated()) console.log(`wrote ${name}`);
  const [cases, refused] = [await casesIn('cases'), await casesIn('refused')];
  const tools = await findTools((line) => console.error(line));
  if (tools === undefined) return { cases, refused, real: undefined };
  const rendered = await renderAll(tools.helm, cases);
  if (isWriting) await writeSnapshots(rendered);
  return { cases, refused, real: { tools, rendered } };
}

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--write')) {
  console.error(usage);
  process.exitCode = args.includes('--help') ? 0 : 2;
} else {
  const found = await context(args.includes('--write'));
  const results: CheckResult[] = [];
  for (const check of allChecks) results.push(await runCheck(check, found));
  console.log(resultTable(results));
  if (results.some(({ status }) => status === 'failed')) process.exitCode = 1;
}
