import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildComponents, cachedBinary, cacheFolder } from './build.ts';
import { chooseKubernetesVersion, component } from './components.ts';

const version = chooseKubernetesVersion();

describe('buildComponents', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'assets-'))));
  afterEach(async () => rm(folder, { recursive: true }));

  it('takes prebuilt binaries from KUBEBUILDER_ASSETS, and needs no Go for them', async () => {
    await writeFile(join(folder, 'etcd'), '');
    await chmod(join(folder, 'etcd'), 0o755);
    const env = { KUBEBUILDER_ASSETS: folder, PATH: '' };
    expect(await buildComponents(['etcd'], { version, env })).toEqual({ etcd: join(folder, 'etcd') });
  });
});

describe('cachedBinary', () => {
  const etcd = component('etcd', version);

  it('lies outside the work tree', async () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/cache' })).toBe('/cache/node-termination-handler');
    expect(cacheFolder({})).toMatch(/\.cache\/node-termination-handler$/);
    expect(await cachedBinary(etcd, 'go1.26.0', { XDG_CACHE_HOME: '/cache' })).toMatch(
      /^\/cache\/node-termination-handler\/etcd-[0-9a-f]{16}\/etcd$/,
    );
  });

  it('changes with Go and with what the linker is told', async () => {
    const paths = await Promise.all([
      cachedBinary(etcd, 'go1.26.0'),
      cachedBinary(etcd, 'go1.26.1'),
      cachedBinary({ ...etcd, linkerFlags: ['-X', 'a=b'] }, 'go1.26.0'),
    ]);
    expect(new Set(paths).size).toBe(3);
    expect(await cachedBinary(etcd, 'go1.26.0')).toBe(paths[0]);
  });
});
