import { createLogger } from '../logger.ts';
import type { LoggerOptions } from '../logger.ts';

/** A logger and the texts that it has written. */
export function createRecordedLogger(options: LoggerOptions = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const all: string[] = [];
  const recorder = (own: string[]) => ({
    write(text: string) {
      own.push(text);
      all.push(text);
    },
  });
  const log = createLogger({ ...options, destination: { out: recorder(out), err: recorder(err) } });
  return { log, out, err, all, json: () => all.map((line) => JSON.parse(line) as Record<string, unknown>) };
}
