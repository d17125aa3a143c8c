import { holdsNode, isTombstone } from './entry.ts';
import type { ForeignEntry, Interruption, NodeRecord } from './entry.ts';

/**
 * How large a record may become. All annotations of a node together may be 256 KiB, or the API server refuses the whole patch, cordon
 * and all.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
 */
export const RECORD_LIMITS = {
  /** Entries of this version. */
  entries: 20,
  /** Bytes of one entry's JSON, whatever it holds. */
  entryBytes: 1024,
  /** Bytes of the whole annotation. */
  recordBytes: 24 * 1024,
} as const;

/** What a record's own fields take at most, in bytes. */
const HEAD_BYTES = 512;

/**
 * The record without what it has no room for.
 *
 * | goes | which first |
 * | --- | --- |
 * | 1. a tombstone | the one that ended first |
 * | 2. an open end | the oldest |
 * | 3. a waiting entry, for a newcomer that holds the node | the one whose end is farthest |
 * | 4. the newcomer | its message stays in hand, so that it is not lost |
 *
 * An entry that holds the node and has an end never goes. Entries of other versions have what room the others leave.
 */
export function withinLimits(record: NodeRecord): NodeRecord {
  let { entries } = record;
  while (entries.length > RECORD_LIMITS.entries) {
    const goes = firstToGo(entries);
    entries = entries.filter((entry) => entry !== goes);
  }
  const foreign = fitting(
    record.foreign,
    RECORD_LIMITS.recordBytes - HEAD_BYTES - entries.length * (RECORD_LIMITS.entryBytes + 1),
  );
  return entries === record.entries && foreign === record.foreign ? record : { ...record, entries, foreign };
}

function firstToGo(entries: readonly Interruption[]): Interruption | undefined {
  const newcomer = entries.at(-1);
  const tombstones = entries.filter(isTombstone).toSorted((a, b) => a.endedAt - b.endedAt);
  const open = entries.filter((entry) => entry.end.kind === 'open').toSorted((a, b) => a.noticedAt - b.noticedAt);
  const waiting = entries
    .filter((entry) => entry.progress === 'waiting')
    .toSorted((a, b) => (b.end.kind === 'fixed' ? b.end.at : 0) - (a.end.kind === 'fixed' ? a.end.at : 0));
  const isUrgent = newcomer !== undefined && holdsNode(newcomer);
  return tombstones[0] ?? open[0] ?? (isUrgent ? waiting[0] : undefined) ?? newcomer;
}

function fitting(foreign: readonly ForeignEntry[], bytes: number): readonly ForeignEntry[] {
  let left = bytes;
  const fits = foreign.filter(({ json }) => {
    const size = Buffer.byteLength(json) + 1;
    if (size > left) return false;
    left -= size;
    return true;
  });
  return fits.length === foreign.length ? foreign : fits;
}
