import { expect, it } from 'vitest';
import { outcomeOf } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { chartChecks, lookAtCharts } from './charts.ts';

it('skips only what needs Go where there is none', async () => {
  const findings: Finding[] = [];
  for await (const finding of lookAtCharts(undefined)) findings.push(finding);
  const expected = chartChecks.map(({ about, needsGo }) => [about, needsGo ? 'skipped' : 'passed']);
  expect(findings.map((finding) => [finding.about, outcomeOf(finding)])).toEqual(expected);
  expect(expected.some(([, outcome]) => outcome === 'passed')).toBe(true);
});
