import { systemClock } from '@node-termination-handler/clock';
import { randomUUID } from 'node:crypto';
import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { KeyPair } from '../../http/server.ts';

/** The text of a kubeconfig (YAML in its JSON form) for one cluster, with one user's token; see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/. */
export function kubeconfigText(options: {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'sandbox',
        cluster: { server: options.url, 'certificate-authority-data': Buffer.from(options.caPem).toString('base64') },
      },
    ],
    users: [{ name: 'sandbox', user: { token: options.token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'sandbox', namespace: 'default' } }],
    'current-context': 'sandbox',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** What a pod finds at `/var/run/secrets/kubernetes.io/serviceaccount`. */
interface ServiceAccountFiles {
  readonly token: string;
  readonly caPem: string;
  readonly namespace: string;
}

/**
 * Writes a service account's files into a directory the way the kubelet keeps a projected volume: the files are links
 * through `..data`, and a second call swaps that link, so that a reader sees all old or all new files.
 */
export async function writeServiceAccountFiles(directory: string, files: ServiceAccountFiles): Promise<void> {
  const version = `..${randomUUID()}`;
  await mkdir(join(directory, version), { recursive: true });
  const contents = { token: files.token, 'ca.crt': files.caPem, namespace: files.namespace };
  for (const [name, text] of Object.entries(contents)) await writeFile(join(directory, version, name), text);
  const previous = await readlink(join(directory, '..data')).catch(() => undefined);
  await symlink(version, join(directory, '..data_tmp'));
  await rename(join(directory, '..data_tmp'), join(directory, '..data'));
  if (previous === undefined) {
    for (const name of Object.keys(contents)) await symlink(join('..data', name), join(directory, name));
  } else {
    await rm(join(directory, previous), { recursive: true, force: true });
  }
}

const hourMs = 3_600_000;

/** A certificate that is good by the machine's clock, whichever the simulator runs on: it is the one that clients check by. */
async function certificate(commonName: string, options: Parameters<typeof generate>[1]): Promise<KeyPair> {
  const now = systemClock.now();
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - hourMs),
    notAfterDate: new Date(now + 24 * 365 * hourMs),
    ...options,
  });
  return { cert: made.cert, key: made.private };
}

/** Makes a certificate authority. */
export function createAuthority(): Promise<KeyPair> {
  return certificate('kubernetes', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
}

/** Makes a certificate of the authority for the API server at 127.0.0.1. */
export function createServerCertificate(authority: KeyPair): Promise<KeyPair> {
  const names = ['localhost', 'kubernetes.default.svc'].map((value) => ({ type: 2, value }) as const);
  const addresses = ['127.0.0.1', '::1'].map((ip) => ({ type: 7, ip }) as const);
  return certificate('kube-apiserver', {
    ca: authority,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names, ...addresses] },
    ],
  });
}
