import type { LimitName, TemplateErrorDetails } from './errors.ts';
import { GoError } from './go-error.ts';

/** How far a template may go: Go would go on until its memory or its time is over. */
export interface TemplateLimits extends Readonly<Record<LimitName, number>> {
  /** The longest text that a template may make, in bytes; what it renders included. */
  readonly textBytes: number;
  /** The longest list that a template may make. */
  readonly listItems: number;
  /** How many steps a template may take: actions, commands, and units of work in functions. */
  readonly steps: number;
  /** How deep templates may call each other, and values may hold each other. */
  readonly depth: number;
}

/** What holds for each limit that is not given. */
export const DEFAULT_LIMITS: TemplateLimits = {
  textBytes: 1_048_576,
  listItems: 100_000,
  steps: 2_000_000,
  depth: 200,
};

// A template runs from its beginning to its end without a pause: these are the limits of the one that is running, and its steps so far.
let limits = DEFAULT_LIMITS;
let steps = 0;

/** Runs something within limits, with no step taken yet. */
export function withLimits<T>(applied: TemplateLimits, run: () => T): T {
  const outer = { limits, steps };
  limits = applied;
  steps = 0;
  try {
    return run();
  } finally {
    ({ limits, steps } = outer);
  }
}

/** A template asks for more than its limits allow. */
export class LimitError extends GoError {
  readonly limit: LimitName;

  constructor(limit: LimitName, message: string) {
    super(message);
    this.limit = limit;
  }

  override get details(): TemplateErrorDetails {
    return { limit: this.limit };
  }
}

/** Takes one step. @returns whether there was one left. */
export function takeStep(): boolean {
  steps += 1;
  return steps <= limits.steps;
}

/**
 * Takes steps for work that grows with its input.
 *
 * @throws {@link LimitError} when there were not so many left.
 */
export function spend(amount: number): void {
  steps += amount;
  if (steps > limits.steps) throw new LimitError('steps', TOO_LONG);
}

/** What an error says when there is no step left. */
export const TOO_LONG = 'template takes too long';

/** How many bytes of text are gone through in a step. */
const BYTES_PER_STEP = 64;

/** Takes the steps for going through a text. */
export function spendOnText(bytes: number): void {
  spend(Math.floor(bytes / BYTES_PER_STEP));
}

/** The most calls of templates within each other. */
export function templateDepthLimit(): number {
  return limits.depth;
}

/** @throws {@link LimitError} before a text is made that is too long. */
export function checkTextLength(bytes: number): void {
  if (bytes > limits.textBytes) throw new LimitError('textBytes', `result is longer than ${limits.textBytes} bytes`);
}

/** @throws {@link LimitError} before a list is made that is too long. */
export function checkListLength(items: number): void {
  if (items > limits.listItems) throw new LimitError('listItems', `list is longer than ${limits.listItems} items`);
}

/** Whether a depth is too great. */
export function isTooDeep(depth: number): boolean {
  return depth > limits.depth;
}

/** @throws {@link LimitError} when something is done to a value at a depth that is too great. */
export function checkDepth(depth: number, done: string): void {
  if (isTooDeep(depth)) throw new LimitError('depth', `value is nested too deep to be ${done}`);
}
