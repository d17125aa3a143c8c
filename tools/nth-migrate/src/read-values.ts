import { parseDocument } from 'yaml';
import { isValues } from './values.ts';
import type { Values } from './values.ts';

/** The input is no values file. */
export class ValuesFileError extends Error {
  override readonly name = 'ValuesFileError';
}

/**
 * The values in a file, or those under a key of it, as a chart that has the Go handler's for a dependency keeps them.
 *
 * @throws {@link ValuesFileError}
 */
export function readValues(yaml: string, key?: string): Values {
  const document = parseDocument(yaml);
  const [problem] = document.errors;
  if (problem !== undefined) throw new ValuesFileError(`this is no YAML: ${problem.message}`, { cause: problem });
  const all = (document.toJS() as unknown) ?? {};
  if (!isValues(all)) throw new ValuesFileError('a values file has names and values at its top');
  if (key === undefined) return all;
  const inner = all[key];
  if (!isValues(inner)) throw new ValuesFileError(`there are no values under ${JSON.stringify(key)}`);
  return inner;
}
