/** A metric family of an exposition format. */
export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const sampleShape = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const labelShape = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const floatShape = /^(?:\+Inf|-?\d+\.\d+(?:e[+-]?\d+)?)$/;

/**
 * Reads Prometheus' text format strictly: every sample under the family it belongs to, every line of a known form,
 * histograms that add up.
 *
 * @throws Error on anything that the format does not allow.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
 */
export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed');
  return parse(text.slice(0, -1).split('\n'), false);
}

/**
 * Reads OpenMetrics as strictly.
 *
 * @throws Error on anything that the format does not allow.
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function parseOpenMetrics(text: string): ReadonlyMap<string, ParsedFamily> {
  if (!text.endsWith('\n# EOF\n')) throw new Error('the last line must be # EOF');
  return parse(text.slice(0, -'\n# EOF\n'.length).split('\n'), true);
}

function parse(lines: readonly string[], openMetrics: boolean): ReadonlyMap<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>();
  let current: { name: string; family: ParsedFamily } | undefined;
  let help: { name: string; text: string } | undefined;
  for (const line of lines) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      help = { name, text: rest };
    } else if (keyword === 'TYPE') {
      if (help?.name !== name) throw new Error(`no help for ${name}`);
      if (families.has(name)) throw new Error(`${name} is declared twice`);
      if (openMetrics && name.endsWith('_total')) throw new Error(`a family must not end in _total: ${name}`);
      current = { name, family: { type: rest, help: help.text, samples: [] } };
      families.set(name, current.family);
    } else {
      if (current === undefined) throw new Error(`a sample before any family: ${line}`);
      current.family.samples.push(parseSample(line, current.name, current.family.type, openMetrics));
    }
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family.samples);
  return families;
}

function parseSample(line: string, family: string, type: string, openMetrics: boolean): Sample {
  const [, name = '', labelText = '', valueText = ''] = sampleShape.exec(line) ?? [];
  if (!sampleNames(family, type, openMetrics).includes(name)) throw new Error(`not a sample of ${family}: ${line}`);
  const value = number(valueText);
  const labels = parseLabels(labelText, line);
  if (openMetrics && labels.le !== undefined && !floatShape.test(labels.le)) {
    throw new Error(`a bound must be a float: ${line}`);
  }
  return { name, labels, value };
}

function sampleNames(family: string, type: string, openMetrics: boolean): readonly string[] {
  if (type === 'histogram') return [`${family}_bucket`, `${family}_sum`, `${family}_count`];
  return [type === 'counter' && openMetrics ? `${family}_total` : family];
}

function number(text: string): number {
  const value = text === '+Inf' ? Infinity : Number(text === '' ? Number.NaN : text);
  if (Number.isNaN(value)) throw new Error(`not a number: ${text}`);
  return value;
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  labelShape.lastIndex = 0;
  while (labelShape.lastIndex < text.length) {
    const [, name, value] = labelShape.exec(text) ?? [];
    if (name === undefined || value === undefined || name in labels) throw new Error(`bad labels: ${line}`);
    labels[name] = value;
  }
  return labels;
}

/** Bounds rise, counts do not fall, and the last bucket holds everything. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const key = ({ labels: { le: _, ...others } }: Sample): string => JSON.stringify(others);
  for (const [labels, series] of Map.groupBy(samples, key)) {
    const buckets = series.filter((sample) => sample.name === `${name}_bucket`);
    const count = series.find((sample) => sample.name === `${name}_count`);
    const sum = series.find((sample) => sample.name === `${name}_sum`);
    const bounds = buckets.map((bucket) => number(bucket.labels.le ?? ''));
    const rises = bounds.every((bound, index) => bound > (bounds[index - 1] ?? -Infinity));
    const grows = buckets.every(({ value }, index) => value >= (buckets[index - 1]?.value ?? 0));
    if (!rises || !grows || bounds.at(-1) !== Infinity) throw new Error(`bad buckets of ${name}${labels}`);
    if (count?.value !== buckets.at(-1)?.value || sum === undefined) throw new Error(`bad count of ${name}${labels}`);
  }
}
