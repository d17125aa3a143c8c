import { describe, expect, it } from 'vitest';
import { kubeconfig } from './credentials.ts';

describe('kubeconfig', () => {
  it('holds the server, what to trust and who speaks', () => {
    const text = kubeconfig({ url: 'https://127.0.0.1:1', caPem: 'PEM' }, { tokenFile: '/t' }, 'a');
    const parsed = JSON.parse(text) as Record<string, unknown>;
    expect(parsed.clusters).toEqual([
      { name: 'loopback', cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'UEVN' } },
    ]);
    expect(parsed.users).toEqual([{ name: 'user', user: { tokenFile: '/t' } }]);
    expect(parsed.contexts).toEqual([
      { name: 'context', context: { cluster: 'loopback', user: 'user', namespace: 'a' } },
    ]);
  });
});
