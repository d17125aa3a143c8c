/** Secrets that the programs are given, and that nothing they write may show. */
export const SECRETS = {
  webhookPath: 'PLANTED-webhook-path-9c1f',
  webhookHeader: 'PLANTED-webhook-header-77ab',
  awsKey: 'PLANTED-aws-secret-key-41d0',
} as const;

/** The secrets that a text shows, by name. */
export function secretsIn(text: string): readonly string[] {
  return Object.entries(SECRETS)
    .filter(([, secret]) => text.includes(secret))
    .map(([name]) => name);
}
