import { isKeptText } from '@node-termination-handler/event-parsers';
import type { KeptText } from '@node-termination-handler/event-parsers';
import { OWN_PREFIX } from '@node-termination-handler/node-drainer';
import * as v from 'valibot';
import { notAhead } from './ends.ts';
import { emptyRecord, isEntryKey, phasesIn } from './entry.ts';
import type { EntryKey, ForeignEntry, Interruption, Moment, NodeRecord, Phase } from './entry.ts';
import { RECORD_LIMITS, withinLimits } from './limits.ts';

/** The node annotation that holds the record. */
export const RECORD_ANNOTATION = `${OWN_PREFIX}/interruptions`;

/** The version of an entry; it stands in each, so that entries of two versions can stand side by side. */
const ENTRY_VERSION = 1;

/** Phases that came with later releases. The first one refuses an entry with an unknown word in `told`, and passes over what it does not know beside it. */
const LATER_PHASES: ReadonlySet<Phase> = new Set(['cordoned']);

/** What was read, and what of it was no record of this program's, to be said. */
export interface ReadRecord {
  readonly record: NodeRecord;
  readonly problems: readonly string[];
}

/** One line a read, whatever a stranger wrote. */
const MAX_PROBLEMS = 5;

/** Moments as `Date` can hold them. */
const moment = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15));
const duration = moment;
const text = v.pipe(
  v.string(),
  v.check(isKeptText),
  v.transform((kept) => kept as KeptText),
);
const key = v.pipe(
  v.string(),
  v.check(isEntryKey),
  v.transform((kept) => kept as EntryKey),
);

const end = v.variant('kind', [
  v.object({
    kind: v.literal('fixed'),
    at: moment,
    source: v.picklist(['metadata', 'envelope', 'schedule', 'reservation', 'hibernation', 'estimated']),
  }),
  v.object({ kind: v.literal('held'), since: moment, timeoutMs: duration, extendableUntil: moment }),
  v.object({
    kind: v.literal('open'),
    why: v.picklist([
      'recommendation',
      'no-start',
      'network-maintenance',
      'retained',
      'timeout-unreadable',
      'target-state',
    ]),
    startsAt: v.exactOptional(moment),
  }),
]);

const facts = {
  key,
  id: text,
  noticedAt: moment,
  end,
  mayReturn: v.boolean(),
  hook: v.exactOptional(
    v.object({ group: text, name: text, defaultResult: v.picklist(['CONTINUE', 'ABANDON']), ours: v.boolean() }),
  ),
  sources: v.pipe(v.array(v.picklist(['imds', 'sqs', 'ec2', 'labels'])), v.minLength(1), v.maxLength(4)),
  decision: v.object({
    action: v.picklist(['cordon', 'drain']),
    lead: v.union([v.literal('immediate'), duration]),
    podDeadline: v.picklist(['deadline', 'respect']),
    marks: v.object({
      taint: v.exactOptional(v.picklist(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])),
      loadBalancers: v.exactOptional(v.literal(true)),
      reboot: v.exactOptional(v.literal(true)),
      conditions: v.exactOptional(v.literal(true)),
    }),
  }),
  told: v.array(v.unknown()),
  toldToo: v.optional(v.fallback(v.array(v.unknown()), []), []),
};

const entrySchema = v.variant('progress', [
  v.object({
    ...facts,
    progress: v.picklist(['waiting', 'acting', 'emptied', 'settled']),
    estimatedEnd: v.exactOptional(moment),
    remarked: v.exactOptional(v.picklist(['once', 'left'])),
  }),
  v.object({ ...facts, progress: v.picklist(['over', 'dismissed']), endedAt: moment }),
]);

const headSchema = v.object({
  bootId: v.fallback(v.union([v.literal(''), text]), ''),
  returnedAt: v.optional(v.fallback(v.nullable(moment), null)),
  cordon: v.optional(v.fallback(v.nullable(v.object({ ours: v.boolean(), at: moment })), null)),
  shutDownAt: v.optional(v.fallback(v.nullable(moment), null)),
  entries: v.array(v.unknown()),
});

/** What every version's entries share: `v`, and `progress`, whose words for an entry that does not hold the node stay as they are. */
const versionSchema = v.object({ v: v.union([v.number(), v.string()]), progress: v.optional(v.unknown()) });
const NOT_HOLDING: ReadonlySet<unknown> = new Set(['waiting', 'over', 'dismissed']);

/**
 * Reads a node's record. Any text gives a record: what is no entry of ours is left out, and said; what another version wrote is carried
 * as it is.
 */
export function parseRecord(annotation: string | undefined, now: Moment): ReadRecord {
  if (annotation === undefined) return { record: emptyRecord(), problems: [] };
  const head = v.safeParse(
    v.pipe(v.string(), v.maxLength(RECORD_LIMITS.recordBytes), v.parseJson(), headSchema),
    annotation,
  );
  if (!head.success) return { record: emptyRecord(), problems: ['it is no record of this program'] };
  const { bootId, returnedAt, cordon, shutDownAt } = head.output;
  const entries = new Map<EntryKey, Interruption>();
  const foreign: ForeignEntry[] = [];
  const problems = new Set<string>();
  for (const item of head.output.entries) {
    const version = v.safeParse(versionSchema, item);
    const entry = v.safeParse(entrySchema, item);
    if (!version.success) problems.add('an entry has no version');
    else if (version.output.v !== ENTRY_VERSION) foreign.push(foreignEntry(item, version.output.progress));
    else if (!entry.success) problems.add(`an entry is none: ${v.getDotPath(entry.issues[0]) ?? 'no object'}`);
    else if (entries.has(entry.output.key)) problems.add('two entries have one key');
    else entries.set(entry.output.key, inItsTime(toldOf(entry.output), now));
  }
  const read: NodeRecord = {
    bootId,
    ...(returnedAt == null ? {} : { returnedAt: notAhead(returnedAt, now) }),
    ...(cordon == null ? {} : { cordon }),
    ...(shutDownAt == null ? {} : { shutDownAt }),
    entries: [...entries.values()],
    foreign,
  };
  const record = withinLimits(read);
  if (record !== read) problems.add('it holds more than there is room for');
  return { record, problems: [...problems].slice(0, MAX_PROBLEMS) };
}

/** Which phases were told; a word of a later version costs no entry. */
function toldOf({ toldToo, ...entry }: v.InferOutput<typeof entrySchema>): Interruption {
  return { ...entry, told: phasesIn([...entry.told, ...toldToo]) };
}

function foreignEntry(item: unknown, progress: unknown): ForeignEntry {
  return { json: JSON.stringify(item), holds: !NOT_HOLDING.has(progress) };
}

/** Writes a record as the annotation's value. One that says nothing any more (`isForgotten`) is not written: its annotation goes. */
export function serialiseRecord(record: NodeRecord): string {
  const { bootId, returnedAt, cordon, shutDownAt, entries, foreign } = record;
  const head = JSON.stringify({
    bootId,
    returnedAt,
    cordon: cordon && { ours: cordon.ours, at: cordon.at },
    shutDownAt,
  });
  const all = [...entries.map(entryJson), ...foreign.map((entry) => entry.json)].join(',');
  return `${head.slice(0, -1)},"entries":[${all}]}`;
}

/** Fields in one order, so that equal records are equal texts: patches are compared by them. */
function entryJson(entry: Interruption): string {
  const { key: name, id, noticedAt, end: goes, mayReturn, hook, sources, decision, told, progress } = entry;
  const { action, lead, podDeadline, marks } = decision;
  const toldToo = told.filter((phase) => LATER_PHASES.has(phase));
  return JSON.stringify({
    v: ENTRY_VERSION,
    key: name,
    progress,
    id,
    noticedAt,
    end: goes,
    mayReturn,
    hook: hook && { group: hook.group, name: hook.name, defaultResult: hook.defaultResult, ours: hook.ours },
    sources,
    decision: {
      action,
      lead,
      podDeadline,
      marks: {
        taint: marks.taint,
        loadBalancers: marks.loadBalancers,
        reboot: marks.reboot,
        conditions: marks.conditions,
      },
    },
    told: told.filter((phase) => !LATER_PHASES.has(phase)),
    toldToo: toldToo.length > 0 ? toldToo : undefined,
    ...('endedAt' in entry
      ? { endedAt: entry.endedAt }
      : { estimatedEnd: entry.estimatedEnd, remarked: entry.remarked }),
  });
}

function inItsTime(entry: Interruption, now: Moment): Interruption {
  const noticedAt = notAhead(entry.noticedAt, now);
  return 'endedAt' in entry ? { ...entry, noticedAt, endedAt: notAhead(entry.endedAt, now) } : { ...entry, noticedAt };
}
