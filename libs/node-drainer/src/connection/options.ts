import type { KubeConfig } from '@kubernetes/client-node';
import type { CallRecord } from './client.ts';

/**
 * What a connection needs of a `KubeConfig`: any object that has these three methods will do, so that a program that
 * must stay small can bring its own.
 */
export type ClusterAccess = Pick<KubeConfig, 'getCurrentCluster' | 'getCurrentUser' | 'applyToHTTPSOptions'>;

/** Options of {@link connect}. */
export interface ConnectOptions {
  /** Total time for one call with all its tries, in milliseconds. Default 30,000. */
  callDeadlineMs?: number;
  /** Longest wait for one answer, in milliseconds; a server that accepts and stays silent costs so much. Default 10,000. */
  attemptTimeoutMs?: number;
  /** Calls under way at once, watches not counted; the rest waits. Default 128. */
  maxSockets?: number;
  /** Calls per second on average; default: no limit of our own (the server's flow control is honoured always). */
  qps?: number;
  /** Calls that may go out at once before `qps` holds. Default: twice `qps`. */
  burst?: number;
  /** `User-Agent` header. Default `node-termination-handler`. */
  userAgent?: string;
  /** Longest answer that is read, in bytes. Default 64 MiB. */
  maxResponseBytes?: number;
  /** Told about every HTTP exchange; must not throw. */
  onCall?: (record: CallRecord) => void;
}
