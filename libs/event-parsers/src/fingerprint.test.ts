import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fingerprint } from './fingerprint.ts';
import { anyText } from './testing/any-text.ts';

describe('fingerprint', () => {
  it('is the SHA-256 of the fields', () => {
    fc.assert(
      fc.property(fc.array(anyText()), (fields) => {
        expect(fingerprint(...fields)).toBe(createHash('sha256').update(JSON.stringify(fields)).digest('hex'));
      }),
    );
  });

  it('tells lists apart that read the same when joined', () => {
    expect(fingerprint('ab', 'c')).not.toBe(fingerprint('a', 'bc'));
    expect(fingerprint('a,b')).not.toBe(fingerprint('a', 'b'));
  });
});
