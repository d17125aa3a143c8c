export type { Logger } from 'pino';
export type { LineWriter, LogFormat, Outputs } from './destination.ts';
export { errorText } from './error-text.ts';
export type { FormatVersion } from './format-version.ts';
export { createLogger } from './logger.ts';
export type { LoggerOptions } from './logger.ts';
