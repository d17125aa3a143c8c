import type { Scene } from './scene.ts';

/** Secrets that every program is given, and that nothing it writes may show. */
const PLANTED = { awsKey: 'PLANTED-aws-secret-key', webhookHeader: 'PLANTED-webhook-header' } as const;

/** Variables with which the secrets are planted; a scenario may have others. */
export const plantedVariables = {
  AWS_SECRET_ACCESS_KEY: PLANTED.awsKey,
  WEBHOOK_HEADERS: JSON.stringify({
    'Content-type': 'application/json',
    Authorization: `Bearer ${PLANTED.webhookHeader}`,
  }),
} as const;

/** Looks for planted secrets in all that a scenario's programs wrote. @throws Error that names those it found */
export async function mustShowNoSecret({ kube, programs }: Scene): Promise<void> {
  const events = JSON.stringify(await kube.list('/api/v1/events'));
  const texts = [events, ...programs.map((program) => program.output)];
  const shown = Object.entries(PLANTED).filter(([, secret]) => texts.some((text) => text.includes(secret)));
  if (shown.length > 0) throw new Error(`secrets were shown: ${shown.map(([name]) => name).join(', ')}`);
}
