import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createLogger } from '@node-termination-handler/logger';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostBootedAt, hostUptimeSeconds } from './host-uptime.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'uptime-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the uptime of the host', () => {
  it.each([
    ['350735.47 234388.90\r\n', 350735.47],
    ['12345.67 54321.00\n', 12345.67],
    ['9\n', 9],
  ])('is read from the file of the setting, as /proc/uptime writes it: %j', async (text, seconds) => {
    const file = path.join(folder, 'uptime');
    await writeFile(file, text);
    expect(await hostUptimeSeconds(file)).toBe(seconds);
  });

  it('is asked of the operating system when there is no file, as on Windows', async () => {
    expect(Math.abs((await hostUptimeSeconds(undefined)) - uptime())).toBeLessThan(60);
  });

  it('cannot be read from a file that holds none, or is not there', async () => {
    const file = path.join(folder, 'nonsense');
    for (const text of ['a while', '']) {
      await writeFile(file, text);
      await expect(hostUptimeSeconds(file)).rejects.toThrow(/UPTIME_FROM_FILE .*nonsense does not begin/);
    }
    await expect(hostUptimeSeconds(path.join(folder, 'missing'))).rejects.toThrow('ENOENT');
  });
});

describe('the boot of the host', () => {
  function runtime(file: string) {
    const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1', UPTIME_FROM_FILE: file } });
    if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
    const lines: unknown[] = [];
    const log = createLogger({
      format: 'json',
      destination: { write: (line: string) => lines.push(JSON.parse(line)) },
    });
    return { lines, parts: { clock: new VirtualClock(), log, settings: parsed.settings } };
  }

  it('was as long ago as the host is up', async () => {
    const file = path.join(folder, 'up');
    await writeFile(file, '300.00 1.00\n');
    const { lines, parts } = runtime(file);
    expect(await hostBootedAt(parts)).toEqual(new Date('2026-01-02T02:59:05Z'));
    expect(lines).toEqual([]);
  });

  it('is not known where the file does not tell, which is said', async () => {
    const { lines, parts } = runtime(path.join(folder, 'missing'));
    expect(await hostBootedAt(parts)).toBeUndefined();
    expect(lines).toMatchObject([{ level: 'warn', error: expect.stringContaining('ENOENT') as unknown }]);
  });
});
