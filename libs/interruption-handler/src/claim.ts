import * as v from 'valibot';
import { OWN_PREFIX } from '@node-termination-handler/node-drainer';

/**
 * The node annotation that says who works on the node.
 *
 * It is written in the same patch that cordons, with the value seen before as a precondition, so that of two programs
 * that notice the same interruption exactly one drains, at the cost of no request.
 */
export const CLAIM_ANNOTATION = `${OWN_PREFIX}/claim`;

const claimSchema = v.object({
  holder: v.string(),
  state: v.picklist(['draining', 'drained']),
  until: v.pipe(v.string(), v.isoTimestamp()),
});

/** Who works on a node, and until when that holds without hearing from them again. */
export interface ClaimRecord {
  /** Names the process that holds the claim, as a rule its pod. */
  readonly holder: string;
  readonly state: 'draining' | 'drained';
  /** After this moment the holder is taken for dead, and anyone may take the claim over. */
  readonly until: Date;
}

/** Reads the claim on a node; a value that nobody of this program wrote counts as no claim. */
export function readClaim(annotations: Readonly<Record<string, string>> | undefined): ClaimRecord | undefined {
  const text = annotations?.[CLAIM_ANNOTATION];
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), claimSchema), text);
  return parsed.success ? { ...parsed.output, until: new Date(parsed.output.until) } : undefined;
}

/** Writes a claim as the annotation's value. */
export function writeClaim(record: ClaimRecord): string {
  return JSON.stringify({ holder: record.holder, state: record.state, until: record.until.toISOString() });
}

/** What a claim on the node means for one who wants to work on it. */
export type ClaimVerdict = 'free' | 'held' | 'drained';

/** Decides whether `holder` may claim the node now, must wait for another, or finds the work done. */
export function judgeClaim(record: ClaimRecord | undefined, holder: string, now: Date): ClaimVerdict {
  if (record === undefined || record.holder === holder || record.until.getTime() <= now.getTime()) return 'free';
  return record.state === 'drained' ? 'drained' : 'held';
}
