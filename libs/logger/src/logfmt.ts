import { escapeText } from './control-characters.ts';
import { valueText } from './pretty.ts';

/** What would end a key, or make two of it. */
const NOT_IN_A_KEY = /[\s"=\\]/g;

/**
 * One line of logfmt: `time=2026-01-02T15:04:05.000Z level=info msg="Node successfully cordoned" node_name=ip-10-0-0-1`.
 *
 * What is on every line comes first, the error next and the other names in order; the names are those of JSON, but for `msg`, as Loki, Grafana and Go's
 * `log/slog` have it.
 *
 * @param fields - A line of JSON, parsed.
 * @see https://brandur.org/logfmt
 */
export function logfmtLine(fields: Readonly<Record<string, unknown>>): string {
  const { time, level, message, error, name, version, ...others } = fields;
  const first = { time, level, msg: message, name, version, error };
  const sorted = Object.entries(others).sort(([one], [other]) => (one < other ? -1 : 1));
  return [...Object.entries(first), ...sorted]
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${escapeText(key).replaceAll(NOT_IN_A_KEY, '_') || '_'}=${valueText(flat(value))}`)
    .join(' ');
}

/** A list or an object is one text of JSON: logfmt knows no others than flat values. */
function flat(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
