/**
 * Numbers in [0, 1) that a seed decides, so that a run with faults can be played again (mulberry32).
 * @param seed any 32-bit integer
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * What goes wrong with a request instead of (or after) its right answer.
 * - `status`: an answer of that status and body.
 * - `reset`: the connection is reset, `before` the request was carried out or `after` it was.
 * - `half-body`: the right answer's first half, then a reset.
 * - `hang`: the request is taken and never answered.
 * - `stall`: the head of the right answer and a piece of its body, then silence.
 * - `trickle`: the same, then a byte a second.
 * - `endless`: a 200 whose body never ends.
 * - `error`: a service error in the service's own format (AWS only).
 */
export type Misbehaviour =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  | { readonly kind: 'half-body' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'trickle' }
  | { readonly kind: 'endless' }
  | { readonly kind: 'error'; readonly code: string; readonly message?: string; readonly status?: number };

/** One thing that goes wrong, and for which requests. */
export interface FaultRule<Request> {
  /** Which requests. Default: all. */
  readonly matches?: (request: Request) => boolean;
  /** For how many matching requests, then the rule is spent. Default: until removed. */
  readonly times?: number;
  /** How many matching requests pass unharmed before the rule begins. Default 0. */
  readonly after?: number;
  /** Share of the matching requests it falls on, in [0, 1], chosen by `seed`. Default 1. */
  readonly probability?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Wait before anything else, in ms. Default 0. */
  readonly delayMs?: number;
  /** Default: none, the request is only late. */
  readonly misbehaviour?: Misbehaviour;
}

/** What goes wrong with a request: the sum of the delays of all rules that fall on it, and the first misbehaviour. */
export interface Fault {
  readonly delayMs: number;
  readonly misbehaviour: Misbehaviour | undefined;
}

/** A request in a simulator's own record, which learns later what became of it. */
export type Recorded<Request> = { -readonly [Field in keyof Request]: Request[Field] };

/** The faults that a simulated service shows at present. */
export interface FaultBook<Request> {
  /** Adds a rule; call the answer to take it away again. */
  readonly add: (rule: FaultRule<Request>) => () => void;
  readonly clear: () => void;
  /** How many requests a rule has fallen on so far. */
  readonly hits: () => number;
  /** Decides one request's fault, and uses up the rules that fall on it. */
  readonly take: (request: Request) => Fault;
}

interface ActiveRule<Request> {
  readonly rule: FaultRule<Request>;
  readonly random: () => number;
  passed: number;
  used: number;
}

function falls<Request>(active: ActiveRule<Request>, request: Request): boolean {
  const { rule } = active;
  if (active.used >= (rule.times ?? Infinity)) return false;
  if (rule.matches !== undefined && !rule.matches(request)) return false;
  if (active.passed < (rule.after ?? 0)) {
    active.passed += 1;
    return false;
  }
  if (active.random() >= (rule.probability ?? 1)) return false;
  active.used += 1;
  return true;
}

/** An empty fault book: every request is answered rightly and at once. */
export function createFaultBook<Request>(): FaultBook<Request> {
  const rules = new Set<ActiveRule<Request>>();
  let hits = 0;
  return {
    add: (rule) => {
      const active = { rule, random: seededRandom(rule.seed ?? 1), passed: 0, used: 0 };
      rules.add(active);
      return () => void rules.delete(active);
    },
    clear: () => rules.clear(),
    hits: () => hits,
    take: (request) => {
      let delayMs = 0;
      let misbehaviour: Misbehaviour | undefined;
      for (const active of rules) {
        // A second misbehaviour would be swallowed by the first: leave that rule's count for another request.
        if (misbehaviour !== undefined && active.rule.misbehaviour !== undefined) continue;
        if (!falls(active, request)) continue;
        hits += 1;
        delayMs += active.rule.delayMs ?? 0;
        misbehaviour ??= active.rule.misbehaviour;
      }
      return { delayMs, misbehaviour };
    },
  };
}
