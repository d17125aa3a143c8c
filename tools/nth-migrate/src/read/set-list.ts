import { isValues } from '../values.ts';

/** One `name = value` of `--set`, a Terraform `set` block, or Argo CD's `parameters`. */
export interface SetEntry {
  readonly name: string;
  readonly value: unknown;
  /** The value is text whatever it looks like: `--set-string`, `type = "string"`, `forceString`. */
  readonly isText: boolean;
}

/**
 * The values that a list of `--set` entries makes, by Helm's rules: dots lead inwards, `\.` is a dot, `[0]` an index, `{a,b}` a list.
 *
 * @see https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set
 */
export function valuesOf(entries: readonly SetEntry[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, value, isText } of entries) put(values, stepsOf(name), isText ? value : typed(value));
  return values;
}

function stepsOf(name: string): readonly (string | number)[] {
  return name
    .split(/(?<!\\)\./)
    .flatMap((part) => {
      const [, key = '', indexes = ''] = /^(.*?)((?:\[\d+\])*)$/.exec(part) ?? [];
      return [key.replaceAll(/\\([.,[\]=])/g, '$1'), ...[...indexes.matchAll(/\d+/g)].map(([index]) => Number(index))];
    })
    .filter((step) => step !== '');
}

/** Puts a value at its place, and makes the places on the way. */
function put(values: Record<string, unknown>, steps: readonly (string | number)[], value: unknown): void {
  const [first, ...rest] = steps;
  if (first === undefined || first === '__proto__') return;
  values[first] = rest.length === 0 ? value : filled(values[first], rest, value);
}

function filled(present: unknown, steps: readonly (string | number)[], value: unknown): unknown {
  const [first, ...rest] = steps;
  if (typeof first === 'number') {
    const list: unknown[] = Array.isArray(present) ? [...(present as readonly unknown[])] : [];
    list[first] = rest.length === 0 ? value : filled(list[first], rest, value);
    return list;
  }
  const inner = isValues(present) ? { ...present } : {};
  put(inner, steps, value);
  return inner;
}

function typed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const list = /^\{(.*)\}$/s.exec(value)?.[1];
  if (list !== undefined) return list === '' ? [] : list.split(/(?<!\\),/).map((item) => typed(item.trim()));
  if (value === 'true' || value === 'false') return value === 'true';
  if (value === 'null') return null;
  if (/^-?(0|[1-9]\d{0,14})$/.test(value)) return Number(value);
  return value.replaceAll('\\,', ',');
}
