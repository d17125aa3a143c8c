import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectToCluster, findCluster, NoClusterError } from './kubernetes.ts';
import type { KubernetesSettings } from './kubernetes.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'nth-access-'));
  await writeFile(path.join(directory, 'ca.crt'), 'CERTIFICATE');
  await writeFile(path.join(directory, 'token'), 'secret');
});
afterEach(() => rm(directory, { recursive: true }));

function settings(given: Partial<KubernetesSettings>): KubernetesSettings {
  return {
    kubeconfig: undefined,
    kubernetesServiceHost: undefined,
    kubernetesServicePort: undefined,
    kubernetesServiceAccountDirectory: directory,
    kubeApiQps: undefined,
    kubeApiBurst: undefined,
    ...given,
  };
}

describe('the access of a pod', () => {
  it('names the API server of the environment and the files of the service account', async () => {
    const access = await findCluster(settings({ kubernetesServiceHost: '10.0.0.1', kubernetesServicePort: 6443 }));
    expect(access.getCurrentCluster()?.server).toBe('https://10.0.0.1:6443');
    expect(access.getCurrentUser()?.authProvider).toEqual({
      name: 'tokenFile',
      config: { tokenFile: path.join(directory, 'token') },
    });
  });

  it('puts brackets around an IPv6 address, and takes 443 where no port is named', async () => {
    const access = await findCluster(settings({ kubernetesServiceHost: 'fd00::1' }));
    expect(access.getCurrentCluster()?.server).toBe('https://[fd00::1]:443');
  });

  it('reads the certificate each time, since it is rotated', async () => {
    const access = await findCluster(settings({ kubernetesServiceHost: '10.0.0.1' }));
    const before: RequestOptions = {};
    await access.applyToHTTPSOptions(before);
    await writeFile(path.join(directory, 'ca.crt'), 'ANOTHER');
    const after: RequestOptions = {};
    await access.applyToHTTPSOptions(after);
    expect([before.ca, after.ca]).toEqual(['CERTIFICATE', 'ANOTHER']);
  });
});

describe('a kubeconfig', () => {
  // The first to load the package that reads kubeconfigs.
  it('comes before the environment', { timeout: 60_000 }, async () => {
    const file = path.join(directory, 'kubeconfig');
    await writeFile(
      file,
      JSON.stringify({
        clusters: [{ name: 'a', cluster: { server: 'https://elsewhere:1' } }],
        users: [{ name: 'b', user: { token: 'secret' } }],
        contexts: [{ name: 'c', context: { cluster: 'a', user: 'b' } }],
        'current-context': 'c',
      }),
    );
    const access = await findCluster(settings({ kubeconfig: file, kubernetesServiceHost: '10.0.0.1' }));
    expect(access.getCurrentCluster()?.server).toBe('https://elsewhere:1');
  });

  it.each([
    ['users:\n- name: a\n  user:\n    token: "secret-token\n', 'it is not YAML (line '],
    ['users: *secret-token\n', 'it is not YAML (line 1)'],
    ['users: !secret-token x\n', 'it is not YAML (line 1)'],
    ['secret-token\n', 'names no cluster that is in it'],
    ['clusters:\n- name: a\nusers: [{ name: a, user: { token: secret-token } }]\n', 'clusters[0].cluster is missing'],
    ['clusters: [{ name: a, cluster: { server: [secret-token] } }]\n', 'it is no kubeconfig'],
    ['users: [{ name: a, user: { token: secret-token } }]\n', 'names no cluster that is in it'],
  ])('that is broken stops the start, and shows nothing of what stands in it: %j', async (text, why) => {
    const file = path.join(directory, 'kubeconfig');
    await writeFile(file, text);
    const error: unknown = await findCluster(settings({ kubeconfig: file })).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(NoClusterError);
    expect((error as Error).message).toContain(why);
    expect(inspect(error)).not.toContain('secret-token');
  });

  it('that cannot be read stops the start, and says which file', async () => {
    const file = path.join(directory, 'missing');
    const connecting = connectToCluster(settings({ kubeconfig: file }), 'test');
    await expect(connecting).rejects.toThrow(NoClusterError);
    await expect(connecting).rejects.toThrow(file);
  });
});

it('without any of it the start ends with what to set', async () => {
  await expect(findCluster(settings({}))).rejects.toThrow('KUBERNETES_SERVICE_HOST');
});

it('connecting sends nothing, and a rate limit is taken over', async () => {
  const client = await connectToCluster(
    settings({ kubernetesServiceHost: '127.0.0.1', kubernetesServicePort: 1, kubeApiQps: 5, kubeApiBurst: 10 }),
    'test',
    () => undefined,
  );
  client.close();
});
