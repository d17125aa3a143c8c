import type { Logger as AppLogger } from '@node-termination-handler/logger';
import type { Logger } from '@smithy/types';

/** How many warnings are remembered as told; more are told as they come. */
const WARNINGS_REMEMBERED = 50;

/**
 * The log of the AWS SDK, which would else write to the console: its warnings once each, its other words at level `debug`. Left out are its
 * traces, and what it says of requests and answers: they hold messages and credentials.
 */
export function createSdkLogger(log: Pick<AppLogger, 'debug' | 'warn'>): Logger {
  const told = new Set<string>();
  const texts = (content: readonly unknown[]): string =>
    content
      .map((part) => (part instanceof Error ? part.message : part))
      .filter((part) => typeof part === 'string')
      .join(' ')
      .replaceAll(/\s+/g, ' ');
  const debug = (...content: readonly unknown[]): void => {
    const text = texts(content);
    if (text !== '') log.debug(`AWS SDK: ${text}`);
  };
  const warn = (...content: readonly unknown[]): void => {
    const text = texts(content);
    if (text === '' || told.has(text)) return;
    if (told.size < WARNINGS_REMEMBERED) told.add(text);
    log.warn(`AWS SDK: ${text}`);
  };
  return { trace: () => undefined, debug: () => undefined, info: debug, warn, error: debug };
}
