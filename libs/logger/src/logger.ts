import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { createDestination, standardOutputs } from './destination.ts';
import type { LineWriter, LogFormat, Outputs } from './destination.ts';
import { errorText } from './error-text.ts';
import type { FormatVersion } from './format-version.ts';
import { createTextCensor } from './redact.ts';

/** How a program logs. */
export interface LoggerOptions {
  /** The least severe lines to write. Default: `info`. */
  readonly level?: 'debug' | 'info' | 'error';
  /** Default: `pretty`, lines for people. */
  readonly format?: LogFormat;
  /** The field names of some lines. Default: 1. */
  readonly formatVersion?: FormatVersion;
  /** The program; on each line of JSON. */
  readonly name?: string;
  /** The program's version; on each line of JSON. */
  readonly version?: string;
  /** Texts that never appear in a line, whatever field or message they come in, such as the webhook's URL. Default: none. */
  readonly secrets?: readonly string[];
  /** Where lines go: one place, or one for severe lines and one for the others. Default: the standard outputs. */
  readonly destination?: LineWriter | Outputs;
  /** Where the time of each line comes from. Default: the machine's clock. */
  readonly clock?: Pick<Clock, 'now'>;
}

/**
 * Creates a logger. Each line is written before the call returns, so nothing is lost when the process ends.
 *
 * Fields of JSON lines are named as the Go handler's: `level` as a word, `time` in RFC 3339, `message`, and `error` as
 * text. A value cannot forge a line, whatever characters it holds, and the values of known secret keys are censored.
 *
 * @example
 * ```ts
 * const log = createLogger({ format: 'json', name: 'imds-agent' });
 * log.info({ 'node-name': 'ip-10-0-0-1' }, 'Node successfully cordoned');
 * ```
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', format = 'pretty', formatVersion = 1, name, version, secrets = [], destination } = options;
  const { clock = systemClock } = options;
  const outputs = destination === undefined ? standardOutputs(format) : bothOutputs(destination);
  return pino(
    {
      level,
      messageKey: 'message',
      errorKey: 'error',
      base: { ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: errorText, err: errorText },
    },
    createDestination(outputs, { format, version: formatVersion, censor: createTextCensor(secrets) }),
  );
}

function bothOutputs(destination: LineWriter | Outputs): Outputs {
  return 'write' in destination ? { out: destination, err: destination } : destination;
}
