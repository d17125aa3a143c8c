import type { GoString } from './unicode/utf8.ts';

/** Where in a template something is. */
export interface TemplatePosition {
  /** The template's name; `message` for the main one, as the incumbent calls it. */
  readonly template: string;
  /** From 1. */
  readonly line: number;
  /** In bytes from 0; parse faults have none, as in Go. */
  readonly column?: number | undefined;
}

/**
 * A template does not parse, or failed on the event it was run on.
 *
 * The message is worded as Go words it, `template: message:1:3: executing "message" at <.Nope>: can't evaluate field Nope in type …`.
 */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly phase: 'parse' | 'execute';
  readonly position: TemplatePosition;

  constructor(phase: 'parse' | 'execute', position: TemplatePosition, message: string, options?: ErrorOptions) {
    super(message, options);
    this.phase = phase;
    this.position = position;
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

  constructor(bytes: GoString) {
    super(bytes);
    this.bytes = bytes;
  }
}
