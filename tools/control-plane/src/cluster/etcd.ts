import { systemClock, withTimeLimit } from '@node-termination-handler/clock';
import { ControlPlaneError } from './parts.ts';

/**
 * Throws away all of etcd's history up to now.
 *
 * @see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export async function compactEtcd(url: string): Promise<void> {
  const range = await post(url, 'range', { key: Buffer.from('/').toString('base64') });
  const { header } = range as { header: { revision: string } };
  await post(url, 'compaction', { revision: header.revision, physical: true });
}

async function post(url: string, call: string, body: unknown): Promise<unknown> {
  return withTimeLimit({ clock: systemClock, limitMs: 10_000 }, async (signal) => {
    const address = new URL(`/v3/kv/${call}`, url);
    const response = await fetch(address, { method: 'POST', body: JSON.stringify(body), signal });
    if (!response.ok) throw new ControlPlaneError(`etcd ${call}: ${response.status} ${await response.text()}`);
    return response.json();
  });
}
