import { fingerprint } from './fingerprint.ts';

const MAX_LABEL_VALUE_LENGTH = 63;

/**
 * Turns any text, such as an event id, into a valid value for a Kubernetes label or taint.
 *
 * A text that is valid and short enough stays as it is. Otherwise each character that is not allowed becomes `_`, the result is cut to
 * 63 characters, and it begins and ends with a letter or digit. The same text always gives the same value.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelValue(text: string): string {
  const value = text
    .replace(/[^A-Za-z0-9]*/, '')
    .slice(0, MAX_LABEL_VALUE_LENGTH)
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/[^A-Za-z0-9]+$/, '');
  // An empty value would be valid, but would tell two hostile ids no longer apart.
  return value === '' && text !== '' ? fingerprint(text).slice(0, 32) : value;
}
