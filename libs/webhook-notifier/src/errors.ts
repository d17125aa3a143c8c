import type { TemplateError } from '@node-termination-handler/go-template/errors';

/** One fault of the options, named by the option it is in; never holds the option's value, which may be a secret. */
export interface OptionProblem {
  /** The option's name in {@link WebhookNotifierOptions}. */
  readonly option: string;
  readonly message: string;
}

/** The options can't be used: lists every fault, and none of the values, since URL, headers and proxy are secrets. */
export class InvalidWebhookOptionError extends Error {
  override readonly name = 'InvalidWebhookOptionError';
  readonly problems: readonly OptionProblem[];

  constructor(problems: readonly OptionProblem[]) {
    super(`Invalid webhook options: ${problems.map((problem) => `${problem.option} ${problem.message}`).join('; ')}`);
    this.problems = problems;
  }
}

/** The template can't be used: it does not parse, names a function that is refused, or fails on an event without content. */
export class InvalidTemplateError extends Error {
  override readonly name = 'InvalidTemplateError';
  /** From 1. */
  readonly line: number;
  /** In bytes from 0; faults of the parser have none. */
  readonly column: number | undefined;

  /** @param cause what the template engine says; its message names the place and, as far as it has a form there, Go's reason. */
  constructor(cause: TemplateError) {
    super(`Invalid webhook template: ${cause.message}`, { cause });
    this.line = cause.position.line;
    this.column = cause.position.column;
  }
}

/** Why a delivery came to nothing. */
export type DeliveryFailure = 'template' | 'status' | 'redirect' | 'timeout' | 'network' | 'aborted';

/**
 * A notification could not be delivered.
 *
 * Has no `cause` for network faults: Node's errors carry the host, the address and, through agents, the proxy's credentials.
 */
export class WebhookDeliveryError extends Error {
  override readonly name = 'WebhookDeliveryError';
  readonly failure: DeliveryFailure;
  /** The status the receiver answered with, if it answered. */
  readonly statusCode: number | undefined;
  /** The fault's code, such as `ECONNREFUSED`, if the connection failed. */
  readonly code: string | undefined;

  constructor(
    failure: DeliveryFailure,
    message: string,
    details: { readonly statusCode?: number; readonly code?: string; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.failure = failure;
    this.statusCode = details.statusCode;
    this.code = details.code;
  }
}
