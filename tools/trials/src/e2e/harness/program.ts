import { waitFor } from '@node-termination-handler/control-plane';
import type { Exit, SupervisedProcess } from '@node-termination-handler/control-plane';
import type { Account } from './account.ts';
import { auditedRequests } from './audit.ts';
import type { AuditedRequest } from './audit.ts';
import type { ProgramName } from './world.ts';

/** A line of a program's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** One of the two programs, running from its bundle as a process of its own. */
export interface Program {
  readonly name: ProgramName;
  readonly account: Account;
  readonly process: SupervisedProcess;
  /** Everything it has written. */
  text(): Promise<string>;
  /** Its lines of JSON. */
  log(): Promise<readonly LogLine[]>;
  /** Waits until a line contains these words. */
  says(words: RegExp): Promise<LogLine>;
  /** What the API server's audit log has of it. */
  requests(): Promise<readonly AuditedRequest[]>;
  /** SIGTERM, as a kubelet ends a pod; waits for the end. */
  stop(graceMs?: number): Promise<Exit>;
  kill(): Promise<Exit>;
}

/** Wraps a started process. */
export function createProgram(
  name: ProgramName,
  process: SupervisedProcess,
  account: Account,
  auditLog: string,
): Program {
  const log = async () =>
    (await process.log()).split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return [];
      }
    });
  return {
    name,
    account,
    process,
    text: async () => process.log(),
    log,
    async says(words) {
      const look = async () => (await log()).find((line) => words.test(JSON.stringify(line)));
      return waitFor(look, { what: `${name} to say ${String(words)}`, timeoutMs: 40_000 });
    },
    requests: async () => auditedRequests(auditLog, account.user),
    stop: async (graceMs = 30_000) => process.stop(graceMs),
    async kill() {
      process.kill('SIGKILL');
      return process.exited;
    },
  };
}
