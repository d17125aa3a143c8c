import { mkdir } from 'node:fs/promises';
import { checks } from './checks.ts';
import { runCheck } from './run-check.ts';
import type { CheckResult } from './run-check.ts';
import { sum } from './totals.ts';

// `npm run ci` runs everything, `npm run ci -- lint test` what is named.
const names = process.argv.slice(2);
const unknown = names.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no such check: ${unknown.join(', ')}; there are ${checks.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(1);
}
await mkdir('results/ci', { recursive: true });
const results: CheckResult[] = [];
for (const check of checks.filter(({ name }) => names.length === 0 || names.includes(name))) {
  process.stdout.write(`\n── ${check.name}: ${check.proves}\n`);
  results.push(await runCheck(check, `results/ci/${check.name}.log`));
}

process.stdout.write('\n');
for (const { check, outcome, totals, seconds } of results) {
  const count = `${totals.passed} passed, ${totals.failed} failed${totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`}`;
  process.stdout.write(
    `${outcome.padEnd(8)}${check.name.padEnd(12)}${`${seconds.toFixed(0)} s`.padStart(6)}  ${count}\n`,
  );
}
const all = sum(results.map(({ totals }) => totals));
process.stdout.write(`${all.passed} passed, ${all.failed} failed\n`);
process.exitCode = results.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
