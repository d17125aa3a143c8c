import { generate } from 'selfsigned';

/** A certificate and its key, as PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const elliptic = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
const hourMs = 3_600_000;

function validity(): { notBeforeDate: Date; notAfterDate: Date } {
  return { notBeforeDate: new Date(Date.now() - hourMs), notAfterDate: new Date(Date.now() + 24 * 365 * hourMs) };
}

/** Makes a certificate authority. */
export async function createAuthority(): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: 'kubernetes' }], {
    ...elliptic,
    ...validity(),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** Makes a certificate of the authority for the API server at 127.0.0.1. */
export async function createServerCertificate(authority: KeyPair): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    ...elliptic,
    ...validity(),
    ca: authority,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: 'kubernetes.default.svc' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}
