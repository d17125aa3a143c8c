import { ControlPlaneError } from './errors.ts';

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
  const response = await fetch(new URL(`/v3/kv/${call}`, url), {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new ControlPlaneError(`etcd ${call}: ${response.status} ${await response.text()}`);
  return response.json();
}
