import { describe, expect, it } from 'vitest';
import { credentialSource } from './credential-sources.ts';

const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const webIdentity = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:aws:iam::1:role/nth' };
const container = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' };

describe('where credentials come from', () => {
  it.each([
    ['instance', {}],
    ['keys', { ...keys, ...webIdentity, ...container }],
    ['profile', { ...keys, AWS_PROFILE: 'dev' }],
    ['profile', { ...container, AWS_SHARED_CREDENTIALS_FILE: '/creds' }],
    ['web-identity', { ...webIdentity, ...container }],
    ['container', { ...container, AWS_ACCESS_KEY_ID: 'half' }],
    ['container', { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/x' }],
    ['instance', { AWS_CONTAINER_CREDENTIALS_FULL_URI: '' }],
  ] as const)('is the %s under %j, as the SDK has it', (source, env) => {
    expect(credentialSource(env, () => false)).toBe(source);
  });

  it('may be files in the home folder', () => {
    expect(credentialSource(container, (file) => file.endsWith('.aws/credentials'))).toBe('profile');
  });
});
