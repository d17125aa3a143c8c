import { inspect } from 'node:util';

/** What an error of any kind says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : inspect(error);
}
