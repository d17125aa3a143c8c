import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The most characters that a piece of a service's text takes up in a description or a reason. */
export const MAX_TEXT_LENGTH = 512;

/**
 * Makes foreign text fit for one line of a description, a log or a reason.
 *
 * Control characters, line and paragraph separators, text-direction marks and what is not shown at all become spaces, and a long text is cut with an ellipsis.
 */
export function oneLine(text: string, maxLength: number = MAX_TEXT_LENGTH): string {
  // Cut before cleaning, so that a body of 256 KiB costs no more than a short one.
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 1).toWellFormed()}…` : text.toWellFormed();
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\s]+/gu, ' ').trim();
}

/** A text from outside as ids, names and codes are kept: at most 128 characters of a closed alphabet. */
export type KeptText = string & { readonly __brand: 'KeptText' };

const MAX_KEPT_LENGTH = 128;
const KEPT_FINGERPRINT_LENGTH = 16;
const KEPT_TEXT = /^[A-Za-z0-9._:/=@+~-]{1,128}$/;
/** What {@link keptText} has made of another text. */
const CUT_TEXT = /^[^~]{0,111}~[0-9a-f]{16}$/;

/** Whether a text may be kept as it is: at most 128 letters, digits and `._:/=@+~-`. */
export function isKeptText(text: string): text is KeptText {
  return KEPT_TEXT.test(text);
}

/**
 * Makes any text fit to be kept, logged and sent on: whoever writes it can add nothing to what it becomes part of, and make it no longer.
 *
 * One of at most 128 characters of the alphabet stays as it is. Of any other the strange characters become `_`, it is cut, and `~` with a
 * fingerprint of the whole keeps two of them apart. What was kept once is kept as it is.
 */
export function keptText(text: string): KeptText {
  if (isKeptText(text) && (!text.includes('~') || CUT_TEXT.test(text))) return text;
  const clean = text.slice(0, MAX_KEPT_LENGTH - KEPT_FINGERPRINT_LENGTH - 1).replaceAll(/[^A-Za-z0-9._:/=@+-]/g, '_');
  return `${clean}~${fingerprint(text).slice(0, KEPT_FINGERPRINT_LENGTH)}` as KeptText;
}

/**
 * Hashes the fields that identify a notice, with SHA-256 as 64 hex digits.
 *
 * The fields are hashed as a JSON array, so that no two lists of fields read the same.
 */
export function fingerprint(...fields: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(fields))));
}

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
