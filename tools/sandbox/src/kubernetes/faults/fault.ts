/** Which requests a fault meets; a field that is left out meets all, a list meets each of its values. */
export interface KubernetesRequestMatch {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`. */
  readonly verb?: string | readonly string[];
  readonly group?: string | readonly string[];
  /** The plural: `pods`. */
  readonly resource?: string | readonly string[];
  /** `eviction`, `status`; empty for the resource itself. */
  readonly subresource?: string | readonly string[];
  readonly namespace?: string | readonly string[];
  readonly name?: string | readonly string[] | RegExp;
  readonly user?: string | readonly string[];
}

/** What is done to a request. */
export type KubernetesFaultEffect =
  /** Wait before it is handled, in milliseconds; up to `jitterMs` more. */
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number }
  /** Answer 500, 503 or 504 with the Status of the real server instead of handling it. */
  | {
      readonly kind: 'status';
      readonly code: 500 | 503 | 504;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /** Answer 429 as API Priority and Fairness does: plain text and `Retry-After`. */
  | { readonly kind: 'flow-control'; readonly retryAfterSeconds?: number }
  /** Close the connection: before anything is written to the store, or after. */
  | { readonly kind: 'drop'; readonly when: 'before-write' | 'after-write' }
  /** Handle it, send half of the answer, close the connection. */
  | { readonly kind: 'truncate' }
  /** Take the request and never answer. */
  | { readonly kind: 'hang' }
  /** Let another writer change the object just before, so that a write that names a version answers 409. */
  | { readonly kind: 'contend' }
  /** Answer reads with what was true so many revisions ago. */
  | { readonly kind: 'stale'; readonly revisions: number };

/** A fault, and how often it strikes. */
export interface KubernetesFault {
  readonly match?: KubernetesRequestMatch;
  readonly effect: KubernetesFaultEffect;
  /** How many requests it meets before it is over; all by default. */
  readonly times?: number;
  /** How many matching requests pass before it begins; none by default. */
  readonly skip?: number;
  /** The share of matching requests that it meets, from 0 to 1; all by default. */
  readonly probability?: number;
}

/** A fault that is in force. */
export interface KubernetesFaultHandle extends Disposable {
  /** How many requests it has met so far. */
  readonly hits: number;
  /** Ends it. */
  remove(): void;
}

/** What a fault is matched with. */
export interface RequestFacts {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
}

/** Does a fault of this match meet the request? */
export function meetsRequest(match: KubernetesRequestMatch, facts: RequestFacts): boolean {
  const fields = ['verb', 'group', 'resource', 'subresource', 'namespace', 'user'] as const;
  return fields.every((field) => meetsText(match[field], facts[field])) && meetsText(match.name, facts.name);
}

function meetsText(wanted: string | readonly string[] | RegExp | undefined, actual: string): boolean {
  if (wanted === undefined) return true;
  if (wanted instanceof RegExp) return wanted.test(actual);
  return typeof wanted === 'string' ? wanted === actual : wanted.includes(actual);
}
