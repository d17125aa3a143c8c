import type { EntryKey } from './entry.ts';
import type { MonotonicMs } from './claims.ts';

/** An interruption is gone from a source that lists it after so many looks in a row without it … */
export const ABSENT_LOOKS = 3;
/** … over at least so long, in milliseconds: one 404 of a restarting metadata service must not erase a record. */
const ABSENT_MS = 10_000;

/** What one process has seen of absences, per key. */
export type Absences = ReadonlyMap<EntryKey, { readonly looks: number; readonly since: MonotonicMs }>;

/** One look at a source that can be listed. */
export interface Listing {
  readonly keys: ReadonlySet<EntryKey>;
  /** Whether it is proven alive: in the same look it answered who the instance is, and it is ours. A look that is not says nothing. */
  readonly isAlive: boolean;
}

/**
 * Counts the absences of what is `known` to come from a source, and says which keys are gone. A key that is listed again begins anew, and
 * so do all when a look is not proven alive.
 */
export function seeListing(
  absences: Absences,
  listing: Listing,
  known: Iterable<EntryKey>,
  now: MonotonicMs,
): { readonly absences: Absences; readonly gone: ReadonlySet<EntryKey> } {
  if (!listing.isAlive) return { absences: new Map(), gone: new Set() };
  const counted = new Map<EntryKey, { looks: number; since: MonotonicMs }>();
  for (const key of known) {
    if (listing.keys.has(key)) continue;
    const before = absences.get(key) ?? { looks: 0, since: now };
    counted.set(key, { ...before, looks: before.looks + 1 });
  }
  const gone = [...counted].filter(([, { looks, since }]) => looks >= ABSENT_LOOKS && now - since >= ABSENT_MS);
  return { absences: counted, gone: new Set(gone.map(([key]) => key)) };
}
