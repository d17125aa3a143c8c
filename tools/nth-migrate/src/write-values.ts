import { stringify } from 'yaml';
import type { Migration } from './migrate.ts';
import type { Chart } from './values.ts';

/** The values file for a chart, with a word on whether it is the one to install. */
export function valuesFile({ replacement, values }: Migration, chart: Chart): string {
  const first =
    chart === replacement
      ? `# Values for the ${chart} chart: does what the Go handler did.`
      : `# Values for the ${chart} chart: only if you want it beside ${replacement}.`;
  const given = values[chart];
  const rest = Object.keys(given).length === 0 ? '{}\n' : stringify(given, { lineWidth: 0 });
  const missing =
    chart === 'queue-processor' && given.queueURL === undefined
      ? '# queueURL is needed: the URL of the SQS queue.\n'
      : '';
  return `${first}\n${missing}${rest}`;
}
