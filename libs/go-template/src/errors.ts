import type { GoString } from './unicode/utf8.ts';

/** Where in a template something is. */
export interface TemplatePosition {
  /** The template's name. */
  readonly template: string;
  /** From 1. */
  readonly line: number;
  /** In bytes from 0; errors of the parser have none, as in Go. */
  readonly column?: number | undefined;
}

/** The limits that a template can run into. */
export type LimitName = 'textBytes' | 'listItems' | 'steps' | 'depth';

/** What an error of a template has beside its place and words. */
export interface TemplateErrorDetails extends ErrorOptions {
  readonly limit?: LimitName | undefined;
}

/**
 * A template does not parse, or failed on the data that it was run on.
 *
 * The message is Go's own, `template: greeting:1:3: executing "greeting" at <.Nope>: can't evaluate field Nope in type …`; the `cause` is
 * what a function of yours threw, if it did.
 */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly phase: 'parse' | 'execute';
  readonly position: TemplatePosition;
  /** The limit that the template ran into, if that is why it failed. */
  readonly limit: LimitName | undefined;

  constructor(
    phase: 'parse' | 'execute',
    position: TemplatePosition,
    message: string,
    details: TemplateErrorDetails = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.phase = phase;
    this.position = position;
    this.limit = details.limit;
  }
}

/**
 * What a Go function would return as its error or panic with.
 *
 * Never leaves the engine: the evaluator turns it into a {@link TemplateError} that says where it happened.
 */
export class GoError extends Error {
  /** The message's bytes. */
  readonly bytes: GoString;

  constructor(bytes: GoString, options?: ErrorOptions) {
    super(bytes, options);
    this.bytes = bytes;
  }

  /** What the template's error has of this one. */
  get details(): TemplateErrorDetails {
    return 'cause' in this ? { cause: this.cause } : {};
  }
}
