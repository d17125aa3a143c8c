import { rm, stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSupervisor } from '../supervisor.ts';
import type { Supervisor } from '../supervisor.ts';
import { createLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { ControlPlaneError, createParts, PortTakenError } from './parts.ts';

describe('parts', () => {
  let layout: Layout;
  let supervisor: Supervisor;
  beforeEach(async () => {
    layout = await createLayout();
    supervisor = createSupervisor();
  });
  afterEach(async () => {
    await supervisor.close();
    await rm(layout.directory, { recursive: true, force: true });
  });

  it('give a task its result while they live', async () => {
    const parts = createParts(supervisor, layout);
    await parts.start('etcd', process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    expect(await parts.whileAlive(async () => Promise.resolve(1))).toBe(1);
    expect(() => parts.get('kwok')).toThrow(ControlPlaneError);
  });

  it('end the wait with the last lines of the one that died', async () => {
    const parts = createParts(supervisor, layout);
    await parts.start('etcd', process.execPath, [
      '-e',
      'console.error("bind: address already in use"); process.exit(1)',
    ]);
    const waiting = parts.whileAlive(async () => new Promise<never>(() => undefined));
    await expect(waiting).rejects.toThrow(PortTakenError);
    await expect(waiting).rejects.toThrow(/etcd ended by itself \(exit code 1\)[^]*already in use/);
  });

  it('keep their directory to its owner', async () => {
    expect((await stat(layout.directory)).mode & 0o077).toBe(0);
  });
});
