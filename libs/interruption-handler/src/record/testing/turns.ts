import { holderName, incarnation } from '../claims.ts';
import type { Beats, Claim, ClaimBook, Self, Turn, whoseTurn } from '../claims.ts';
import { singleKey } from '../entry.ts';
import type { Replica, World } from './world.ts';

/** The monotonic clock of whoever reads a claim. What was first seen at 0 is older than every limit. */
const NOW = 1_000_000;
/** Claims are judged for each interruption alike, so that one stands for all. */
const KEY = singleKey('spot');

/** Whether nobody, or nobody of the release who lives, has the claim: then 15 s pass without a sign. */
export function isSilent(w: World): boolean {
  const holder = w.replicas.find((other) => other.claim !== 0);
  return holder === undefined || holder.up === 0 || holder.claim === 2;
}

/** Asks the function under judgement whose turn it is. */
export class Turns {
  readonly #whoseTurn: typeof whoseTurn;
  readonly #known = new Map<string, Turn>();

  constructor(rule: typeof whoseTurn) {
    this.#whoseTurn = rule;
  }

  /** Whose turn it is for replica `i`, who has waited as long as it has to. A holder whose beats it can't see is believed for no longer. */
  of(w: World, i: number, silent: boolean): Turn {
    const r = w.replicas[i];
    if (r === undefined) throw new Error(`there is no replica ${i}`);
    const holder = w.replicas.findIndex((other) => other.claim !== 0);
    const h = w.replicas[holder];
    const id = [r.kind, h?.kind, h?.claim, holder === i, r.holds, r.tookOver, silent].join();
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const claim = h && claimOf(h, holder);
    const since = silent ? 0 : NOW;
    const book: ClaimBook = {
      ...(claim === undefined ? {} : { claim }),
      since,
      isHeld: r.holds === 1,
      heldUp: new Map([[KEY, { since: 0, forMs: 60_000 }]]),
      takenOver: new Set(r.tookOver === 1 ? [KEY] : []),
    };
    const beat = claim?.incarnation && { incarnation: claim.incarnation, count: 1, changedAt: since };
    const beats: Beats = {
      readableSince: 0,
      seen: new Map(claim && beat ? [[claim.holder, beat]] : []),
      isReplaced: false,
    };
    const { turn } = this.#whoseTurn(
      book,
      beats,
      { key: KEY, isOwnNotice: true, msLeft: 120_000 },
      selfOf(r, i, 'now'),
      NOW,
    );
    this.#known.set(id, turn);
    return turn;
  }
}

function claimOf(h: Replica, i: number): Claim {
  return h.kind === 'old replica' ? { holder: pod(i) } : selfOf(h, i, h.claim === 2 ? 'before' : 'now');
}

function selfOf(r: Replica, i: number, start: 'now' | 'before'): Self {
  const self = { holder: pod(i), incarnation: incarnation(start) };
  return r.kind === 'agent' ? self : { ...self, lease: 'queue-processor' };
}

function pod(i: number): Claim['holder'] {
  return holderName('kube-system', `pod-${i}`);
}
