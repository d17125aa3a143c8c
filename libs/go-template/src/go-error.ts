import type { TemplateErrorDetails } from './errors.ts';
import type { GoString } from './unicode/utf8.ts';

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
