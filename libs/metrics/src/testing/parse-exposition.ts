/** A metric family of Prometheus' text format. */
export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const sampleShape = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const labelShape = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/**
 * Reads Prometheus' text format strictly: every sample under the family it belongs to, every line of a known form.
 *
 * @throws Error on anything that the format does not allow.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
 */
export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed');
  const families = new Map<string, ParsedFamily>();
  let current: { name: string; family: ParsedFamily } | undefined;
  let help: { name: string; text: string } | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      help = { name, text: rest };
    } else if (keyword === 'TYPE') {
      if (help?.name !== name) throw new Error(`no help for ${name}`);
      if (families.has(name)) throw new Error(`${name} is declared twice`);
      current = { name, family: { type: rest, help: help.text, samples: [] } };
      families.set(name, current.family);
    } else {
      if (current === undefined) throw new Error(`a sample before any family: ${line}`);
      current.family.samples.push(parseSample(line, current.name, current.family.type));
    }
  }
  return families;
}

function parseSample(line: string, family: string, type: string) {
  const [, name = '', labelText = '', valueText = ''] = sampleShape.exec(line) ?? [];
  const allowed = type === 'histogram' ? [`${family}_bucket`, `${family}_sum`, `${family}_count`] : [family];
  if (!allowed.includes(name)) throw new Error(`not a sample of ${family}: ${line}`);
  const value = valueText === '+Inf' ? Infinity : Number(valueText);
  if (Number.isNaN(value)) throw new Error(`not a number: ${line}`);
  return { name, labels: parseLabels(labelText, line), value };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  labelShape.lastIndex = 0;
  while (labelShape.lastIndex < text.length) {
    const match = labelShape.exec(text);
    const [, name, value] = match ?? [];
    if (name === undefined || value === undefined || name in labels) throw new Error(`bad labels: ${line}`);
    labels[name] = value;
  }
  return labels;
}
