import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The directory of one control plane: data, keys, logs. */
export interface Layout {
  readonly directory: string;
  readonly etcdData: string;
  /** The API server writes its self-made serving certificate here. */
  readonly certificates: string;
  readonly servingCertificate: string;
  /** `token,user,uid,"groups"` lines. */
  readonly tokens: string;
  readonly adminToken: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  readonly adminKubeconfig: string;
  readonly schedulerConfiguration: string;
  readonly auditPolicy: string;
  /** One JSON object per line. */
  readonly auditLog: string;
  /** The log of a component. */
  logFile(name: string): string;
}

/** Makes a fresh directory, readable by its owner only, with new keys and a new administrator's token. */
export async function createLayout(): Promise<Layout> {
  const directory = await mkdtemp(join(tmpdir(), 'control-plane-'));
  const layout: Layout = {
    directory,
    etcdData: join(directory, 'etcd'),
    certificates: join(directory, 'certificates'),
    servingCertificate: join(directory, 'certificates', 'apiserver.crt'),
    tokens: join(directory, 'tokens.csv'),
    adminToken: randomBytes(24).toString('hex'),
    serviceAccountKey: join(directory, 'service-account.key'),
    serviceAccountPublicKey: join(directory, 'service-account.pub'),
    adminKubeconfig: join(directory, 'admin.kubeconfig'),
    schedulerConfiguration: join(directory, 'scheduler.json'),
    auditPolicy: join(directory, 'audit-policy.json'),
    auditLog: join(directory, 'audit.jsonl'),
    logFile: (name) => join(directory, `${name}.log`),
  };
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await mkdir(layout.certificates);
  await writeFile(layout.serviceAccountKey, keys.privateKey, { mode: 0o600 });
  await writeFile(layout.serviceAccountPublicKey, keys.publicKey);
  await writeFile(layout.tokens, `${layout.adminToken},admin,admin,"system:masters"\n`, { mode: 0o600 });
  return layout;
}
