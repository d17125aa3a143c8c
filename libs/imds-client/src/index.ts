export { createImdsClient } from './client.ts';
export type { GetOptions, ImdsClient } from './client.ts';
export {
  ImdsError,
  ImdsOptionsError,
  ImdsResponseError,
  ImdsStatusError,
  ImdsTimeoutError,
  ImdsUnreachableError,
} from './errors.ts';
export { hiddenDocuments } from './node-metadata.ts';
export type { NodeMetadata } from './node-metadata.ts';
export type { ImdsClientOptions, ImdsNotice } from './options.ts';
export { watchDocuments } from './watch.ts';
export type { DocumentObservation, WatchedDocument, WatchOptions } from './watch.ts';
