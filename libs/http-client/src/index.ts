export { createHttpClient } from './client.ts';
export type { HttpAnswer, HttpClient, HttpStream, SendOptions, StreamOptions } from './client.ts';
export { HttpConnectionError, HttpError, HttpTimeoutError, UnsupportedAddressError } from './errors.ts';
export type { AnswerHead, HttpStage } from './errors.ts';
export type { HttpRequest } from './exchange.ts';
export type { HttpClientOptions, TlsOptions } from './options.ts';
