import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * Hashes the fields that identify a notice, with SHA-256 as 64 hex digits.
 *
 * The fields are hashed as a JSON array, so that no two lists of fields read the same.
 */
export function fingerprint(...fields: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(fields))));
}
