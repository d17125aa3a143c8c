import { randomInt } from 'node:crypto';

/** Without vowels and look-alikes, as the API server and its controllers have it. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** The five characters that end a generated name. */
export function randomSuffix(): string {
  return Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
}
