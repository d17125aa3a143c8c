/** A request that has taken so long is slow: what it occupies is the server's patience, and no longer others' turn. */
const SLOW_MS = 1000;
/** All requests together may be so many times the concurrency, slow ones included. */
const WITH_SLOW_ONES = 3;
/** So many quick requests may be under way at first: more are no sooner done by a server that is near, and each needs a connection. */
const FIRST_ROOM = 32;
/** What a server that has no seat for more is left with. */
const SMALLEST_ROOM = 4;
/** A node's drain has so many quick requests under way at first, and up to half of all when they are answered quickly. */
const FIRST_SHARE = 4;
const LARGEST_SHARE = 2;
/** What a node whose requests are slow is left with. */
const SMALLEST_SHARE = 1;

/** One request under way. */
interface Place {
  readonly node: string;
  readonly sinceMs: number;
  /** Which narrowing of the room it has seen last. */
  readonly narrowing: number;
}

/**
 * Whether a node may send: `idle` ones, which have nothing under way, where there is room; `open` ones where slow requests leave room for more,
 * too; `full` ones not.
 */
export type Standing = 'idle' | 'open' | 'full';

/** Who may send now: the places are shared by all nodes, and no node can hold those of others. */
interface Places {
  /** Requests under way. */
  readonly taken: number;
  /** Whether a node in this standing may send one more. */
  has(standing: Standing): boolean;
  standing(node: string): Standing;
  begin(node: string, nowMs: number): Place;
  /** `wasThrottled`: the server had no seat for it. */
  end(place: Place, nowMs: number, wasThrottled: boolean): void;
  /** Counts those that have become slow, and names their nodes. */
  look(nowMs: number): readonly string[];
  /** When the next of those under way becomes slow; `Infinity` when there is none. */
  readonly nextSlowAtMs: number;
}

interface NodePlaces {
  quick: number;
  slow: number;
  share: number;
}

/**
 * Gives out places. How many there are follows the server, as TCP follows a network: one more for each round of answers while all are
 * taken, half of them when it has no seat for one (429, once for all that were under way then).
 *
 * A node's share follows the latency that it sees: it grows by one with each quick answer and is halved by
 * each slow one. A slow request gives its place back before it ends, so that a node whose requests all hang holds those of
 * others for a second at most, and never more than half of them.
 */
export function createPlaces(concurrency: number): Places {
  const nodes = new Map<string, NodePlaces>();
  const quick = new Set<Place>();
  let room = Math.min(concurrency, FIRST_ROOM);
  let narrowings = 0;
  let slow = 0;

  const partOf = (divisor: number): number => Math.max(2, Math.ceil(room / divisor));

  function follow({ narrowing }: Place, wasThrottled: boolean): void {
    if (!wasThrottled) {
      if (quick.size >= Math.floor(room)) room = Math.min(concurrency, room + 1 / room);
    } else if (narrowing === narrowings) {
      narrowings += 1;
      room = Math.max(Math.min(concurrency, SMALLEST_ROOM), room / 2);
    }
  }

  return {
    get taken() {
      return quick.size + slow;
    },
    has(standing) {
      if (standing === 'full' || quick.size >= Math.floor(room)) return false;
      return standing === 'idle' || quick.size + slow < concurrency * WITH_SLOW_ONES;
    },
    standing(name) {
      const node = nodes.get(name);
      if (node === undefined) return 'idle';
      return node.quick < node.share ? 'open' : 'full';
    },
    begin(name, nowMs) {
      const place = { node: name, sinceMs: nowMs, narrowing: narrowings };
      const node = nodes.get(name) ?? { quick: 0, slow: 0, share: partOf(FIRST_SHARE) };
      nodes.set(name, node);
      node.quick += 1;
      quick.add(place);
      return place;
    },
    end(place, nowMs, wasThrottled) {
      follow(place, wasThrottled);
      const node = nodes.get(place.node);
      if (node === undefined) return;
      if (quick.delete(place)) {
        node.quick -= 1;
        if (nowMs - place.sinceMs < SLOW_MS) node.share = Math.min(partOf(LARGEST_SHARE), node.share + 1);
      } else {
        slow -= 1;
        node.slow -= 1;
      }
      if (node.quick + node.slow === 0) nodes.delete(place.node);
    },
    look(nowMs) {
      const changed: string[] = [];
      // In the order in which they began.
      for (const place of quick) {
        if (nowMs - place.sinceMs < SLOW_MS) break;
        quick.delete(place);
        slow += 1;
        const node = nodes.get(place.node);
        if (node === undefined) continue;
        node.quick -= 1;
        node.slow += 1;
        node.share = Math.max(SMALLEST_SHARE, node.share >> 1);
        changed.push(place.node);
      }
      return changed;
    },
    get nextSlowAtMs() {
      const [oldest] = quick;
      return oldest === undefined ? Infinity : oldest.sinceMs + SLOW_MS;
    },
  };
}
