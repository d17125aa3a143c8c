import Registry from 'prom-client/lib/registry.js';
import { createMetrics } from '../src/metrics.ts';

/** The page that has the table. */
export const METRICS_PAGE = new URL('../../../docs/operating.md', import.meta.url);

const BEGIN =
  '<!-- metrics: made anew by `npx node -C @node-termination-handler/source libs/metrics/scripts/write-metrics.ts` -->\n\n';
const END = '\n<!-- end of metrics -->';

/** The page with the table of all metrics as they are. @throws when it has no place for it. */
export function pageWithMetrics(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`the page has no ${BEGIN.trim()}`);
  return page.slice(0, begin + BEGIN.length) + metricsTable() + page.slice(end);
}

function metricsTable(): string {
  const registry = new Registry();
  using _metrics = createMetrics({ name: '', version: '' }, registry);
  const rows = registry.getMetricsAsArray().map(({ name, type, help, labelNames = [] }: Described) => {
    const labels = labelNames.filter((label) => !label.startsWith('otel_scope_')).map((label) => `\`${label}\``);
    return `| \`${name}\` | ${String(type)} | ${labels.join(', ')} | ${help} |\n`;
  });
  return `| name | type | labels | meaning |\n| --- | --- | --- | --- |\n${rows.join('')}`;
}

/** What a family of prom-client has, beyond what its declarations say. */
interface Described {
  readonly name: string;
  readonly type: unknown;
  readonly help: string;
  readonly labelNames?: readonly string[];
}
