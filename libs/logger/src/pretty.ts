import { escapeText } from './control-characters.ts';

const levels: Readonly<Record<string, string>> = {
  trace: 'TRC',
  debug: 'DBG',
  info: 'INF',
  warn: 'WRN',
  error: 'ERR',
  fatal: 'FTL',
};

// On every line the same, and no news to a person who reads them in a terminal.
const leftOut = new Set(['level', 'time', 'message', 'name', 'version']);

/**
 * One line for people, in the shape that the Go handler's have:
 * `2026/01/02 15:04:05 INF Node successfully cordoned node_name=ip-10-0-0-1`.
 *
 * @param fields - A line of JSON, parsed.
 */
export function prettyLine(fields: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(fields).filter((name) => !leftOut.has(name));
  // The error first, then the names in order, so that lines of one kind look alike.
  names.sort((one, other) => Number(other === 'error') - Number(one === 'error') || (one < other ? -1 : 1));
  return [
    timeText(fields.time),
    levels[String(fields.level)] ?? '???',
    ...(typeof fields.message === 'string' && fields.message !== '' ? [escapeText(fields.message)] : []),
    ...names.map((name) => `${escapeText(name)}=${valueText(fields[name])}`),
  ].join(' ');
}

/** The time of day in the time zone of the process, as `2006/01/02 15:04:05`. */
function timeText(time: unknown): string {
  const date = new Date(typeof time === 'string' ? time : Number.NaN);
  if (Number.isNaN(date.getTime())) return '-';
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('/');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** A value as it stands after `name=`, in lines for people and in logfmt: in quotes where it could be taken for several fields. */
export function valueText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return escapeText(JSON.stringify(value));
  const plain = escapeText(value);
  // Quotes keep a value from looking like several fields.
  return value === '' || plain !== value || /[\s"=\\]/.test(value) ? escapeText(JSON.stringify(value)) : value;
}
