import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostUptimeSeconds } from './uptime.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'uptime-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the uptime of the host', () => {
  it('is read from the file of the setting', async () => {
    const file = path.join(folder, 'uptime');
    await writeFile(file, '350735.47 234388.90\r\n');
    expect(await hostUptimeSeconds(file)).toBe(350735.47);
  });

  it('is asked of the operating system when there is no file, as on Windows', async () => {
    expect(Math.abs((await hostUptimeSeconds(undefined)) - uptime())).toBeLessThan(60);
  });

  it('cannot be read from a file that holds none, or is not there', async () => {
    const file = path.join(folder, 'nonsense');
    await writeFile(file, 'a while');
    await expect(hostUptimeSeconds(file)).rejects.toThrow(/UPTIME_FROM_FILE .*nonsense does not begin/);
    await expect(hostUptimeSeconds(path.join(folder, 'missing'))).rejects.toThrow('ENOENT');
  });
});
