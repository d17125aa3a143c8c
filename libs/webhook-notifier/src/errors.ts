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

/**
 * The template can't be used: it does not parse, names a function that is refused, or fails on an event without content.
 *
 * Holds no text of the template but names of its functions, fields and variables, and has no `cause`: the engine's own error quotes the
 * template, which may hold a secret.
 */
export class InvalidTemplateError extends Error {
  override readonly name = 'InvalidTemplateError';
  /** From 1. */
  readonly line: number;
  /** In bytes from 0; faults of the parser have none. */
  readonly column: number | undefined;

  /** @param fault what the template engine says; its message names the place and, as far as it has a form there, Go's reason. */
  constructor({ message, position }: Pick<TemplateError, 'message' | 'position'>) {
    super(`Invalid webhook template: ${withoutLiterals(message)}`);
    this.line = position.line;
    this.column = position.column;
  }
}

const QUOTED = /"(?:[^"\\]|\\.)*"|`[^`]*`/g;
/** Before a quoted name; whatever else is quoted is a text of the template, or made of one. */
const BEFORE_NAME = /(?:^|[ :])(?:function|executing|undefined variable|the variable) $/;

/** Takes the texts of a template out of what its engine says of it. */
function withoutLiterals(message: string): string {
  return message
    .replace(/( at <[^"'`>]*)["'`].*?>(?=: |$)/s, '$1…>')
    .replace(/(character constant: |error calling fail: ).*/s, '$1…')
    .replaceAll(QUOTED, (quoted, place: number, text: string) => {
      const isName = BEFORE_NAME.test(text.slice(0, place)) || /^"\W{1,2}"$/.test(quoted);
      return isName ? quoted : '"…"';
    });
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
