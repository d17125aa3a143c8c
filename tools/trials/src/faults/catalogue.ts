import type { ImdsSimulator } from '@node-termination-handler/sandbox';
import { apiServerFaults, repeatedly } from './api-server-faults.ts';
import { groupFaults, instanceFaults, queueFaults } from './aws-faults.ts';
import { answers, faultsOf } from './fault.ts';
import type { EndFault, Fault, FaultEntry, FaultRule } from './fault.ts';

/** Does something to the metadata services of all nodes at once. */
function everyImds(begin: (imds: ImdsSimulator) => EndFault | Promise<EndFault>): Fault['begin'] {
  return async ({ going, sandbox }) => {
    const ends = await Promise.all(going.map(async (node) => begin(sandbox.imdsOf(node))));
    return async () => {
      await Promise.all(ends.map(async (end) => end()));
    };
  };
}

const metadata = (added: FaultRule): Fault['begin'] => everyImds((imds) => imds.faults.add(added));

/** What goes wrong with the instance metadata service. */
export const metadataFaults = faultsOf('instance metadata', ['imds-agent'], {
  'refuses connections': everyImds(async (imds) => {
    await imds.pause();
    return () => imds.resume();
  }),
  hangs: metadata({ misbehaviour: { kind: 'hang' } }),
  'sends half of a document, then nothing': {
    begin: metadata({ misbehaviour: { kind: 'stall' } }),
    needsProcesses: true,
  },
  'sends a byte a second': { begin: metadata({ misbehaviour: { kind: 'trickle' } }), needsProcesses: true },
  'hangs on tokens alone (hop limit)': everyImds((imds) => {
    imds.invalidateTokens();
    return imds.hangTokenRequests();
  }),
  'answers 401 to every token': everyImds((imds) => imds.refuseTokens()),
  'forgets its tokens again and again': repeatedly(100, ({ going, sandbox }) => {
    for (const node of going) sandbox.imdsOf(node).invalidateTokens();
  }),
  'answers 500': metadata({ misbehaviour: answers(500) }),
  'throttles (503)': metadata({ misbehaviour: answers(503) }),
  // A notice that is not there is withdrawn; when it is there again, it is told again.
  'answers 404 to everything': { begin: metadata({ misbehaviour: answers(404) }), allowance: { repeats: true } },
  'sends half of its documents': metadata({ misbehaviour: { kind: 'half-body' } }),
  'sends documents that are no JSON': metadata({ misbehaviour: answers(200, '{"action":"term') }),
  'sends documents without end': { begin: metadata({ misbehaviour: { kind: 'endless' } }), needsProcesses: true },
  'resets connections': metadata({ misbehaviour: { kind: 'reset', when: 'before' } }),
  'takes 0.8 s for each answer': metadata({ delayMs: 800 }),
});

/** What the receiver did not take, and what it took and did not answer, is nobody's fault. */
function webhook(begin: Fault['begin'] | FaultRule): FaultEntry {
  const added: Fault['begin'] =
    typeof begin === 'function' ? begin : ({ sandbox }) => sandbox.webhook.faults.add(begin);
  return { begin: added, allowance: { silentWebhook: true, repeats: true } };
}

/** What goes wrong with the receiver of the webhook: a node's drain must not wait for any of it. */
const webhookFaults = faultsOf('webhook', ['imds-agent', 'queue-processor'], {
  'refuses connections': webhook(async ({ sandbox }) => {
    await sandbox.webhook.pause();
    return () => sandbox.webhook.resume();
  }),
  'answers 500': webhook({ misbehaviour: answers(500) }),
  'takes 2 s for each answer': webhook({ delayMs: 2000 }),
  hangs: webhook({ misbehaviour: { kind: 'hang' } }),
  'sends a head, then nothing': webhook({ misbehaviour: { kind: 'stall' } }),
  'answers without end': { ...webhook({ misbehaviour: { kind: 'endless' } }), needsProcesses: true },
  'resets connections': webhook({ misbehaviour: { kind: 'reset', when: 'before' } }),
  'redirects in circles': webhook(({ sandbox }) => sandbox.webhook.redirectInCircles()),
});

/** Everything that can go wrong, by who misbehaves. */
export const catalogue: readonly Fault[] = [
  ...metadataFaults,
  ...queueFaults,
  ...instanceFaults,
  ...groupFaults,
  ...apiServerFaults,
  ...webhookFaults,
];
