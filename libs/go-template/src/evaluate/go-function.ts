import type { GoString } from '../text/bytes.ts';
import type { GoTime } from '../time/go-time.ts';
import type { GoType } from '../values/types.ts';
import type { Maybe } from '../values/value.ts';

/** What functions get from the run they are called in. */
export interface CallContext {
  now(): GoTime;
  /** Takes steps from the run's budget, for work that grows with the arguments. */
  spend(steps: number): void;
}

/** A function or method that templates can call, with the types Go checks its arguments against. */
export interface GoFunction {
  readonly params: readonly GoType[];
  /** The type of each argument beyond the others, for functions that take any number. */
  readonly variadic?: GoType;
  /** Why templates can't call it, in Go's words: of functions with results that Go's templates don't take. */
  readonly signatureProblem?: GoString;
  /** Of `and` and `or`: evaluates no argument after the first whose truth is this one. */
  readonly shortCircuits?: boolean;
  /** Of `call`: gets, before its arguments, the first of them as it is written. */
  readonly describesFirst?: boolean;
  /** @throws {@link GoError} for what is an error or a panic in Go. */
  readonly call: (args: readonly Maybe[], context: CallContext) => Maybe;
}
