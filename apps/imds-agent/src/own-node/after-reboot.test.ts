import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostUptimeSeconds, parseUptime, rebootMark } from './after-reboot.ts';

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

describe('after a reboot', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  const marked = {
    'aws-node-termination-handler/action': 'UncordonAfterReboot',
    'aws-node-termination-handler/action-time': String(now.getTime() / 1000 - 600),
    'aws-node-termination-handler/event-id': 'e-1',
  };

  it('the node is taken back when the host has come up since it was marked', () => {
    expect(rebootMark(marked, 300, now)).toEqual({ status: 'rebooted', event: 'e-1' });
    expect(rebootMark(marked, 601, now)).toEqual({ status: 'not-yet' });
  });

  it('nothing is done for a node without the mark, or with one that makes no sense', () => {
    expect(rebootMark({}, 300, now)).toEqual({ status: 'none' });
    expect(rebootMark({ ...marked, 'aws-node-termination-handler/action': 'Else' }, 300, now)).toEqual({
      status: 'none',
    });
    expect(rebootMark({ ...marked, 'aws-node-termination-handler/action-time': 'soon' }, 300, now)).toEqual({
      status: 'none',
    });
  });

  it('the uptime is read as /proc/uptime writes it', () => {
    expect(parseUptime('12345.67 54321.00\n')).toBe(12345.67);
    expect(parseUptime('9\n')).toBe(9);
    expect(parseUptime('never')).toBeUndefined();
    expect(parseUptime('')).toBeUndefined();
  });
});
