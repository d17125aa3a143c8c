import { defaultProvider } from '@aws-sdk/credential-provider-node';
import type { DefaultProviderInit } from '@aws-sdk/credential-provider-node';
import type { Clock } from '@node-termination-handler/clock';
import type { HttpClient } from '@node-termination-handler/http-client';
import { createImdsClient } from '@node-termination-handler/imds-client';
import { errorText } from '@node-termination-handler/logger';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { readContainerCredentials } from './container-credentials.ts';
import { keysIn } from './credentials.ts';
import type { AwsCredentials, CredentialsOptions, Variables } from './credentials.ts';

/** What the sources of credentials are asked with. */
export interface SourceOptions {
  readonly env: Variables;
  /** One that knows no proxy. */
  readonly direct: HttpClient;
  readonly clock: Clock;
  /** How the SDK's own clients, that of STS above all, are made. */
  readonly sdk: Pick<DefaultProviderInit, 'logger' | 'clientConfig'>;
}

/** Where credentials come from, in the order in which the SDK looks. */
type CredentialSource = 'keys' | 'profile' | 'web-identity' | 'container' | 'instance';

/**
 * Finds out where credentials come from: the first source that is set up is asked, and its own failure told; the SDK tells that of the last.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export function credentialSource(env: Variables, isThere: (file: string) => boolean = existsSync): CredentialSource {
  const isSet = (...names: readonly string[]): boolean => names.every((name) => (env[name] ?? '') !== '');
  const folder = path.join(homedir(), '.aws');
  const hasFiles =
    isSet('AWS_SHARED_CREDENTIALS_FILE') ||
    isSet('AWS_CONFIG_FILE') ||
    ['credentials', 'config'].some((name) => isThere(path.join(folder, name)));
  if (isSet('AWS_PROFILE')) return 'profile';
  if (isSet('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY')) return 'keys';
  if (hasFiles) return 'profile';
  if (isSet('AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN')) return 'web-identity';
  const isContainer = isSet('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI') || isSet('AWS_CONTAINER_CREDENTIALS_FULL_URI');
  return isContainer ? 'container' : 'instance';
}

/** Makes what reads the credentials that the environment of the program names. */
export function credentialReader({ env, direct, clock, sdk }: SourceOptions): CredentialsOptions['read'] {
  const source = credentialSource(env);
  switch (source) {
    case 'container':
      return (signal) => readContainerCredentials(env, { http: direct, clock, signal });
    case 'instance':
      return (signal) => readInstanceCredentials(env, clock, signal);
    case 'keys':
    case 'profile':
    case 'web-identity':
      // Made anew each time: what it has kept for itself is just what was refused.
      return async () => {
        try {
          return await defaultProvider({ ...sdk })();
        } catch (cause) {
          throw new Error(`${SOURCES[source]}: ${errorText(cause)}`, { cause });
        }
      };
  }
}

const SOURCES = {
  keys: 'the keys of the environment cannot be used',
  profile: 'the profile of the shared files cannot be used',
  'web-identity':
    'STS gives none for the web identity of the service account (AWS_ROLE_ARN: its trust, and the provider of the cluster)',
} as const;

const ROLES = '/latest/meta-data/iam/security-credentials/';

/**
 * Reads the credentials of the instance's role, never through a proxy.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
 */
async function readInstanceCredentials(
  { AWS_EC2_METADATA_DISABLED: disabled, AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint = '' }: Variables,
  clock: Clock,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  if (disabled?.toLowerCase() === 'true') throw new Error(`${NONE}, and AWS_EC2_METADATA_DISABLED is true`);
  using imds = createImdsClient({ clock, ...(endpoint === '' ? {} : { endpoint }) });
  try {
    const role = (await imds.get(ROLES, { signal }))?.trim().split('\n')[0] ?? '';
    if (role === '') throw new Error('the instance has no role');
    const answer = JSON.parse((await imds.get(`${ROLES}${role}`, { signal })) ?? '{}') as Readonly<
      Record<string, unknown>
    >;
    const keys = keysIn(answer);
    if (keys !== undefined) return keys;
    const words = [answer.Code, answer.Message].filter((part) => typeof part === 'string').join(': ');
    throw new Error(`nothing is given for the role ${role}${words === '' ? '' : ` (${words})`}`);
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`${NONE}, and the instance metadata has none: ${errorText(cause)}`, { cause });
  }
}

const NONE = 'no keys, web identity (IRSA) or EKS Pod Identity in the environment';
