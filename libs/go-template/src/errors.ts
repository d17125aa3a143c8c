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
  /** The limit that the template ran into. */
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
  /** When it failed. */
  readonly phase: 'parse' | 'execute';
  /** Where it failed. */
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
