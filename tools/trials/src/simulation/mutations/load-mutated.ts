import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MUTATIONS } from './mutations.ts';
import type { Mutation, MutationName } from './mutations.ts';

/** The source with a mutation. @throws Error where the place is not there, or there are several */
export function mutated(source: string, { name, file, find, replace }: Mutation): string {
  const [before, after, ...others] = source.split(find);
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(
      `the mutation ${name} does not fit: its text stands in ${file} ${others.length + (after === undefined ? 0 : 1)} times`,
    );
  }
  return `${before}${replace}${after}`;
}

/**
 * Has this thread load the mutated source in place of the file, which stays as it is.
 *
 * @param root - Of the repository. Nobody is asked for it here: whatever this file imports is there before the mutation.
 * @returns what throws unless the file was loaded since: one that was there before is without the mutation.
 */
export function loadMutated(name: MutationName, root: string): () => void {
  const mutation = MUTATIONS.find((one) => one.name === name);
  if (mutation === undefined) throw new Error(`there is no mutation ${name}`);
  const place = pathToFileURL(path.join(root, mutation.file)).href;
  let isLoaded = false;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== place) return loaded;
      isLoaded = true;
      return { ...loaded, source: mutated(new TextDecoder().decode(loaded.source as Uint8Array), mutation) };
    },
  });
  return () => {
    if (!isLoaded) throw new Error(`the mutation ${mutation.name} was not loaded: nothing reads ${mutation.file}`);
  };
}
