import { isUnset, isValues } from '../values.ts';

/** A value as the new charts take it, or why nobody but its owner can say what it means. */
export type Reading =
  { readonly value: unknown; readonly change?: string; readonly unclear?: undefined } | { readonly unclear: string };

/** True or false; `--set-string` and quotes make texts of them, in the words of Go's ParseBool: https://pkg.go.dev/strconv#ParseBool */
export function flag(value: unknown): Reading {
  if (typeof value === 'boolean') return { value };
  const word = String(value).trim().toLowerCase();
  if (['true', 't', '1'].includes(word)) return { value: true };
  if (['false', 'f', '0'].includes(word)) return { value: false };
  return { unclear: `${shown(value)} is neither true nor false.` };
}

/** A whole number within the bounds that the new programs know; below or above, the nearest. */
export function wholeNumber(least: number, most: number, { orMinusOne = false } = {}) {
  return (value: unknown): Reading => {
    const number = typeof value === 'number' ? value : Number(String(value).trim() || Number.NaN);
    if (!Number.isInteger(number)) return { unclear: `${shown(value)} is no whole number.` };
    if (orMinusOne && number < 0) {
      return number === -1 ? { value: -1 } : { value: -1, change: `${number} meant what -1 means.` };
    }
    const nearest = Math.min(Math.max(number, least), most);
    if (nearest === number) return { value: number };
    return { value: nearest, change: `${number} is out of bounds: ${nearest} is the nearest.` };
  };
}

/** One of some words, whatever their case. */
export function word(...words: readonly string[]) {
  return (value: unknown): Reading => {
    const found = words.find((known) => known.toLowerCase() === String(value).trim().toLowerCase());
    return found === undefined
      ? { unclear: `${shown(value)} is none of ${words.join(', ')}.` }
      : { value: /^\d+$/.test(found) ? Number(found) : found };
  };
}

/** Any text; YAML makes numbers of texts that look like one. */
export function text(value: unknown): Reading {
  if (typeof value === 'string') return { value };
  if (typeof value === 'number' || typeof value === 'boolean') return { value: String(value) };
  return { unclear: `${shown(value)} is no text.` };
}

/** The tag of instances that are to be looked after: a key or, since the Go handler, key and value. */
export function tag(value: unknown): Reading {
  const read = text(value);
  if (read.unclear !== undefined || !String(read.value).includes('=')) return read;
  const [key = '', ...rest] = String(read.value).split('=');
  return {
    value: read.value,
    change: `It means the key ${shown(key)} with the value ${shown(rest.join('='))}; the Go handler looked for a key of that whole text.`,
  };
}

/** An address that begins with one of some schemes. */
export function address(...schemes: readonly string[]) {
  return (value: unknown): Reading => {
    const given = String(value).trim();
    return schemes.some((scheme) => given.startsWith(`${scheme}://`)) && !/\s/.test(given)
      ? { value: given }
      : { unclear: `${shown(value)} does not begin with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}.` };
  };
}

/** Labels, annotations, selectors of nodes: Kubernetes takes texts only. */
export function texts(value: unknown): Reading {
  if (!isValues(value)) return { unclear: `${shown(value)} has no names.` };
  const inner = Object.entries(value).map(([name, given]): [string, unknown] => [name, asText(given)]);
  const isSame = inner.every(([name, given]) => given === value[name]);
  return {
    value: Object.fromEntries(inner),
    ...(isSame ? {} : { change: 'Kubernetes takes texts only: numbers and booleans are quoted.' }),
  };
}

/** Something with named parts, which go over as they are. */
export function parts(value: unknown): Reading {
  return isValues(value) ? { value } : { unclear: `${shown(value)} has no parts.` };
}

/** What becomes of a variable's value that YAML read as a number or boolean. */
export function variables(value: unknown): Reading {
  if (!Array.isArray(value)) return { unclear: `${shown(value)} is no list of variables.` };
  const entries = value.map((entry: unknown) =>
    isValues(entry) && entry.value !== undefined && typeof entry.value !== 'string'
      ? { ...entry, value: asText(entry.value) }
      : entry,
  );
  const isSame = JSON.stringify(entries) === JSON.stringify(value);
  return { value: entries, ...(isSame ? {} : { change: 'Kubernetes takes texts only: values are quoted.' }) };
}

/** A text as Kubernetes would have it: what has parts is written as JSON. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return isUnset(value) ? '' : JSON.stringify(value);
}

/** A value for people to read, cut where it is long. */
export function shown(value: unknown): string {
  const written = JSON.stringify(value);
  return written.length > 60 ? `${written.slice(0, 57)}…` : written;
}
