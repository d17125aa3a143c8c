import type { GoString } from './text/bytes.ts';

/**
 * What a Go function would return as its error or panic with.
 *
 * Never leaves the engine: the evaluator turns it into a {@link TemplateError} that says where it happened.
 */
export class GoError extends Error {
  /** The message's bytes. */
  readonly bytes: GoString;

  constructor(bytes: GoString) {
    super(bytes);
    this.bytes = bytes;
  }
}
