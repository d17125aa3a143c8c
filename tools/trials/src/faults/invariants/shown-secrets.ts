import { secretsIn } from '../world.ts';
import type { World } from '../world.ts';

/** No secret in anything that the programs wrote. */
export function shownSecrets({ programs, sandbox }: World): readonly string[] {
  const places = [
    ...programs.map((program) => [`the log of ${program.name}`, program.output] as const),
    ['the Kubernetes events', JSON.stringify(sandbox.kubernetes.list({ kind: 'Event' }))] as const,
    ['the nodes', JSON.stringify(sandbox.kubernetes.list({ kind: 'Node' }))] as const,
    [
      'the bodies of the webhook',
      sandbox.webhook
        .deliveries()
        .map(({ body }) => body)
        .join('\n'),
    ] as const,
  ];
  return places.flatMap(([place, text]) => secretsIn(text).map((secret) => `secret shown: ${secret} in ${place}`));
}
