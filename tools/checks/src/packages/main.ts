// node -C @node-termination-handler/source tools/checks/src/packages/main.ts [--write]
import { parseArgs } from 'node:util';
import { checkApiReport } from './checks/api-report.ts';
import { checkFreshUse } from './checks/fresh-use.ts';
import { checkTarball } from './checks/tarball.ts';
import { publishedPackages } from './published.ts';
import { findingLines } from './report/finding.ts';
import type { Finding } from './report/finding.ts';

const usage = `Usage: npm run package-check [-- --write]
Checks the published libraries: their files, exports and types, what they offer, and their use from a registry in a fresh project.
  --write   first writes docs/api anew; read the difference before you commit it`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { write: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const libraries = await publishedPackages();
  const findings: Finding[] = [];
  const tell = (...found: readonly Finding[]): void => {
    findings.push(...found);
    console.log(findingLines(found));
  };
  for (const library of libraries) tell(...(await checkTarball(library)));
  for (const library of libraries) tell(await checkApiReport(library, { isWriting: values.write }));
  tell(...(await checkFreshUse(libraries)));
  const failed = findings.filter(({ problems }) => problems.length > 0).length;
  console.log(`${findings.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
