import { ControlPlaneError } from './errors.ts';

/**
 * Throws away all of etcd's history up to now.
 *
 * @see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export async function compactEtcd(port: number): Promise<void> {
  const range = await post(port, 'range', { key: Buffer.from('/').toString('base64') });
  const { header } = range as { header: { revision: string } };
  await post(port, 'compaction', { revision: header.revision, physical: true });
}

async function post(port: number, call: string, body: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/v3/kv/${call}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new ControlPlaneError(`etcd ${call}: ${response.status} ${await response.text()}`);
  return response.json();
}
