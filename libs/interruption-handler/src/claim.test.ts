import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { after, START } from './testing/events.ts';
import { CLAIM_ANNOTATION, judgeClaim, readClaim, writeClaim } from './claim.ts';

describe('a claim on a node', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('draining' as const, 'drained' as const),
        fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
        (holder, state, until) => {
          expect(readClaim({ [CLAIM_ANNOTATION]: writeClaim({ holder, state, until }) })).toEqual({
            holder,
            state,
            until,
          });
        },
      ),
    );
  });

  it('counts as none when somebody wrote something else there', () => {
    expect(readClaim(undefined)).toBeUndefined();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readClaim({ [CLAIM_ANNOTATION]: text })).toBeUndefined();
      }),
    );
  });

  it('holds others off until its time is over', () => {
    const claim = { holder: 'b', state: 'draining' as const, until: after(20) };
    expect(judgeClaim(undefined, 'a', START)).toBe('free');
    expect(judgeClaim(claim, 'a', START)).toBe('held');
    expect(judgeClaim({ ...claim, state: 'drained' }, 'a', START)).toBe('drained');
    expect(judgeClaim(claim, 'b', START)).toBe('free');
    expect(judgeClaim(claim, 'a', after(20))).toBe('free');
  });
});
