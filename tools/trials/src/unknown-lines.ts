import { readFileSync } from 'node:fs';
import path from 'node:path';
import { explainerOf, LOG_PAGE } from '@node-termination-handler/checks';
import type { Evidence } from './evidence.ts';

const isExplained = explainerOf(readFileSync(path.join(import.meta.dirname, '../../..', LOG_PAGE), 'utf8'));

/** The messages of the lines of JSON in a text; a text that is no log has none. */
function messagesOf(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('{"level":')) return [];
    try {
      const { message } = JSON.parse(line) as { readonly message?: unknown };
      return typeof message === 'string' ? [message] : [];
    } catch {
      // The last line of a process that was killed may be half of one.
      return [];
    }
  });
}

/** Log lines that docs/logs.md does not explain, each once, with the place where it stands. */
export function unknownLines({ texts }: Evidence): readonly string[] {
  return Object.entries(texts).flatMap(([place, text]) =>
    [...new Set(messagesOf(text))]
      .filter((message) => !isExplained(message))
      .map((message) => `${JSON.stringify(message)} in ${place}`),
  );
}
