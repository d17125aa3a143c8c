import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** A format that Prometheus can scrape. */
export interface Format {
  readonly contentType: string;
  readonly openMetrics: boolean;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const textFormat: Format = { contentType: 'text/plain; version=0.0.4; charset=utf-8', openMetrics: false };

/** https://prometheus.io/docs/specs/om/open_metrics_spec/ */
export const openMetricsFormat: Format = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  openMetrics: true,
};

/** The format that a scraper prefers, by its `Accept` header. */
export function negotiate(accept: string | undefined): Format {
  const wanted = (accept ?? '').split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice(8);
    return { type, version, q: q === undefined ? 1 : Number(q) };
  });
  const weight = (matches: (each: (typeof wanted)[number]) => boolean): number =>
    Math.max(0, ...wanted.filter(matches).map(({ q }) => (Number.isFinite(q) ? q : 0)));
  const openMetrics = weight(
    ({ type, version }) => type === 'application/openmetrics-text' && (version ?? '1.0.0') === '1.0.0',
  );
  const text = weight(({ type }) => type === 'text/plain' || type === 'text/*' || type === '*/*');
  return openMetrics > 0 && openMetrics >= text ? openMetricsFormat : textFormat;
}

/** Metric families as prom-client collects them. */
export type Family = MetricObjectWithValues<MetricValue<string> & { metricName?: string }>;

/**
 * Writes metric families in a format.
 *
 * prom-client's own OpenMetrics output appends `_total` to counters that have it in their name already.
 */
export function expose(families: readonly Family[], format: Format): string {
  const lines = families.flatMap((family) => {
    const type = typeName(family);
    const isCounter = type === 'counter';
    const name = format.openMetrics && isCounter ? family.name.replace(/_total$/, '') : family.name;
    return [
      `# HELP ${name} ${escapeHelp(family.help, format)}`,
      `# TYPE ${name} ${type}`,
      ...family.values.map(({ metricName, labels, value }) => {
        return `${metricName ?? family.name}${labelText(labels, format)} ${numberText(value)}`;
      }),
    ];
  });
  if (format.openMetrics) lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

/** prom-client declares a numeric enumeration, and gives the words. */
function typeName(family: Family): string {
  return String(family.type);
}

function labelText(labels: Readonly<Partial<Record<string, string | number>>>, { openMetrics }: Format): string {
  const parts = Object.entries(labels).map(([name, value = '']) => {
    const text = typeof value === 'number' && openMetrics ? floatText(value) : String(value);
    return `${name}="${escapeLabel(text)}"`;
  });
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

/** OpenMetrics wants bucket bounds as floats: `1.0`. */
function floatText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : numberText(value);
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

function escapeHelp(text: string, { openMetrics }: Format): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return openMetrics ? escaped.replaceAll('"', '\\"') : escaped;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
