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
