/** A request that has taken so long is slow: what it occupies is the server's patience, and no longer others' turn. */
const SLOW_MS = 1000;
/** All requests together may be so many times the concurrency, slow ones included. */
const WITH_SLOW_ONES = 3;
/** A node's drain has so many quick requests under way at first, and up to half of all when they are answered quickly. */
const FIRST_SHARE = 4;
const LARGEST_SHARE = 2;
/** What a node whose requests are slow is left with. */
const SMALLEST_SHARE = 1;

/** One request under way. */
interface Place {
  readonly node: string;
  readonly sinceMs: number;
}

/** Whether a node may send: `idle` ones, which have nothing under way, always; `open` ones where there is room for all; `full` ones not. */
export type Standing = 'idle' | 'open' | 'full';

/** Who may send now: the places are shared by all nodes, and no node can hold those of others. */
interface Places {
  /** Requests under way. */
  readonly taken: number;
  /** Whether there is room for one more of a node that has requests under way. */
  readonly hasRoom: boolean;
  standing(node: string): Standing;
  begin(node: string, nowMs: number): Place;
  end(place: Place, nowMs: number): void;
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
 * Gives out places. A node's share follows the latency that it sees: it grows by one with each quick answer and is halved by
 * each slow one. A slow request gives its place back before it ends, so that a node whose requests all hang holds those of
 * others for a second at most, and never more than half of them.
 */
export function createPlaces(concurrency: number): Places {
  const nodes = new Map<string, NodePlaces>();
  const quick = new Set<Place>();
  const largestShare = Math.max(2, Math.ceil(concurrency / LARGEST_SHARE));
  let slow = 0;

  return {
    get taken() {
      return quick.size + slow;
    },
    get hasRoom() {
      return quick.size < concurrency && quick.size + slow < concurrency * WITH_SLOW_ONES;
    },
    standing(name) {
      const node = nodes.get(name);
      if (node === undefined) return 'idle';
      return node.quick < node.share ? 'open' : 'full';
    },
    begin(name, nowMs) {
      const place = { node: name, sinceMs: nowMs };
      const first = Math.max(2, Math.ceil(concurrency / FIRST_SHARE));
      const node = nodes.get(name) ?? { quick: 0, slow: 0, share: first };
      nodes.set(name, node);
      node.quick += 1;
      quick.add(place);
      return place;
    },
    end(place, nowMs) {
      const node = nodes.get(place.node);
      if (node === undefined) return;
      if (quick.delete(place)) {
        node.quick -= 1;
        if (nowMs - place.sinceMs < SLOW_MS) node.share = Math.min(largestShare, node.share + 1);
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
