import type { Runtime } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';

/** When the host has booted; `undefined`, and said, where the file of the setting does not tell. Never rejects. */
export async function hostBootedAt({
  clock,
  log,
  settings,
}: Pick<Runtime<ImdsAgentSettings>, 'clock' | 'log' | 'settings'>): Promise<Date | undefined> {
  try {
    return new Date(clock.now() - (await hostUptimeSeconds(settings.uptimeFromFile)) * 1000);
  } catch (error) {
    log.warn(
      { err: error },
      'the uptime of the host cannot be read: a reboot is known by the boot id of the node alone',
    );
    return undefined;
  }
}

/**
 * Tells for how many seconds the host has been up.
 *
 * @param file where to read it from, in the format of `/proc/uptime`; without one the operating system is asked.
 * @throws when the file cannot be read or does not begin with a number.
 * @see https://man7.org/linux/man-pages/man5/proc_uptime.5.html
 */
export async function hostUptimeSeconds(file: string | undefined): Promise<number> {
  if (file === undefined) return uptime();
  const [, seconds] = /^\s*(\d+(?:\.\d+)?)(?:\s|$)/.exec(await readFile(file, 'utf8')) ?? [];
  if (seconds === undefined) throw new Error(`UPTIME_FROM_FILE ${file} does not begin with a number of seconds`);
  return Number(seconds);
}
