import { createHash } from 'node:crypto';
import type { GoFunction } from '../evaluate/go-function.ts';
import { aString, fn1 } from '../evaluate/parameter.ts';
import type { GoString } from '../text/bytes.ts';
import { string } from '../values/value.ts';

const hashing = (algorithm: string): GoFunction =>
  fn1(aString, (bytes) => string(createHash(algorithm).update(bytes, 'latin1').digest('hex')));

/** sprig's checksums. */
export const CHECKSUM_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  sha1sum: hashing('sha1'),
  sha256sum: hashing('sha256'),
  sha512sum: hashing('sha512'),
  adler32sum: fn1(aString, (bytes) => string(String(adler32(bytes)))),
};

/** @see https://www.rfc-editor.org/rfc/rfc1950#section-9 */
function adler32(bytes: GoString): number {
  const modulus = 65_521;
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte.charCodeAt(0)) % modulus;
    b = (b + a) % modulus;
  }
  return b * 65_536 + a;
}
