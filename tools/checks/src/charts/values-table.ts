import { isMap, isScalar, parseDocument } from 'yaml';
import type { Pair, YAMLMap } from 'yaml';

const begin = '<!-- values: generated from values.yaml -->';
const end = '<!-- /values -->';

/**
 * A chart's README with its table of values made anew from `values.yaml`, whose comments say what each is for.
 *
 * @throws Error when its markers are missing.
 */
export function withValuesTable(readme: string, valuesYaml: string): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from === -1 || to < from) throw new Error(`README.md needs the lines\n${begin}\n${end}`);
  const { contents } = parseDocument(valuesYaml);
  const rows = isMap(contents) ? rowsOf(contents, '', '') : [];
  const table = ['| value | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
  return `${readme.slice(0, from)}${begin}\n\n${table}\n\n${readme.slice(to)}`;
}

/** One row for each value; what has parts has a row for each of them, and says what it is for in the first. */
function rowsOf(map: YAMLMap, prefix: string, about: string): readonly string[] {
  return map.items.flatMap((pair, index) => {
    const name = `${prefix}${nameOf(pair)}`;
    const own = commentOf(isScalar(pair.key) ? pair.key.commentBefore : undefined);
    const first = index === 0 ? commentOf(map.commentBefore) : '';
    const meaning = [index === 0 ? about : '', first, own].filter((text) => text !== '').join(' ');
    if (isMap(pair.value) && pair.value.items.length > 0) return rowsOf(pair.value, `${name}.`, meaning);
    return [`| \`${name}\` | \`${defaultOf(pair.value)}\` | ${meaning.replaceAll('|', '\\|')} |`];
  });
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

function defaultOf(value: unknown): string {
  const plain: unknown =
    isScalar(value) || isMap(value) ? value.toJSON() : (value as { toJSON?(): unknown }).toJSON?.();
  return plain === '' ? "''" : typeof plain === 'string' ? plain : JSON.stringify(plain);
}

/** The last paragraph of a comment: what stands above it is about all that follows. */
function commentOf(comment: string | null | undefined): string {
  const paragraphs = (comment ?? '').split(/\n\s*\n/);
  const lines = (paragraphs.at(-1) ?? '').split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('>>>')).join(' ');
}
