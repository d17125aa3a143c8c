import { readFile, readdir } from 'node:fs/promises';

/** What a process holds at one moment. */
export interface ProcessSize {
  readonly rssMiB: number;
  /** Open files and sockets. */
  readonly handles: number;
}

/** Reads the size of a process from `/proc`. @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export async function processSize(pid: number): Promise<ProcessSize> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  const handles = await readdir(`/proc/${pid}/fd`);
  return { rssMiB: kib / 1024, handles: handles.length };
}
