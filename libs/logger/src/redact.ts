/** What a log line shows in place of a secret. */
const censored = '<redacted>';

const secretKeys = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'password',
  'passphrase',
  'secret',
  'token',
  'apikey',
  'accesskeyid',
  'secretaccesskey',
  'sessiontoken',
  'awssecretaccesskey',
  'awssessiontoken',
  'xawsec2metadatatoken',
  'webhookurl',
  'webhookheaders',
  'webhookproxy',
  'webhooktemplate',
]);

function isSecret(key: string): boolean {
  return secretKeys.has(key.replaceAll(/[-_ ]/g, '').toLowerCase());
}

/** The fields of a line, as parsed from JSON, with the values of known secret keys censored at any depth. */
export function redact(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => [
      key,
      isSecret(key) && value !== null ? censored : redactValue(value),
    ]),
  );
}

function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactValue);
  return typeof value === 'object' && value !== null ? redact(value) : value;
}

// Shorter texts would be found in the middle of other words.
const shortestSecret = 6;

/** Replaces texts that are known to be secret – a URL, a password – wherever they appear in a finished line. */
export function createTextCensor(secrets: readonly string[]): (line: string) => string {
  const wanted = new Set(
    secrets
      .filter((secret) => secret.length >= shortestSecret)
      .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]),
  );
  // The longest first: a secret may hold another.
  const ordered = [...wanted].sort((one, other) => other.length - one.length);
  return (line) => ordered.reduce((text, secret) => text.replaceAll(secret, censored), line);
}
