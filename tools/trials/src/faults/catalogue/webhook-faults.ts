import { BOTH } from './fault.ts';
import type { Fault } from './fault.ts';
import type { FaultRule } from './rule.ts';

const silentWebhook = { silentWebhook: true, repeats: true };

function rule(name: string, added: FaultRule): Fault {
  return {
    area: 'webhook',
    name,
    programs: BOTH,
    allowance: silentWebhook,
    begin: ({ sandbox }) => sandbox.webhook.faults.add(added),
  };
}

/** What goes wrong with the receiver of the webhook: a node's drain must not wait for any of it. */
export const webhookFaults: readonly Fault[] = [
  {
    area: 'webhook',
    name: 'refuses connections',
    programs: BOTH,
    allowance: silentWebhook,
    begin: async ({ sandbox }) => {
      await sandbox.webhook.pause();
      return () => sandbox.webhook.resume();
    },
  },
  rule('answers 500', { misbehaviour: { kind: 'status', status: 500 } }),
  rule('takes 2 s for each answer', { delayMs: 2000 }),
  rule('hangs', { misbehaviour: { kind: 'hang' } }),
  rule('answers without end', { misbehaviour: { kind: 'endless' } }),
  rule('resets connections', { misbehaviour: { kind: 'reset', when: 'before' } }),
  {
    area: 'webhook',
    name: 'redirects in circles',
    programs: BOTH,
    allowance: silentWebhook,
    begin: ({ sandbox }) => sandbox.webhook.redirectInCircles(),
  },
];
