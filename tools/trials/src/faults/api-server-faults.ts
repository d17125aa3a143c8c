import { repeat, systemClock } from '@node-termination-handler/clock';
import type { KubernetesFaultEffect, KubernetesRequestMatch } from '@node-termination-handler/sandbox';
import { denial, refuse, silence } from './admission.ts';
import type { Refusal, Refused } from './admission.ts';
import { faultsOf } from './fault.ts';
import type { FaultEntry } from './fault.ts';
import type { World } from './world.ts';

interface Narrowed extends Omit<FaultEntry, 'begin'> {
  readonly match?: KubernetesRequestMatch;
  readonly probability?: number;
}

function effect(added: KubernetesFaultEffect, { match, probability, ...about }: Narrowed = {}): FaultEntry {
  const rule = { effect: added, ...(match && { match }), ...(probability !== undefined && { probability }) };
  return {
    ...about,
    begin: ({ sandbox }) => {
      const handle = sandbox.kubernetes.faults.add(rule);
      return () => handle.remove();
    },
  };
}

/** Again and again while the fault lasts, and at once. */
export function repeatedly(everyMs: number, act: (world: World) => void): FaultEntry['begin'] {
  return (world) => {
    act(world);
    const timer = repeat(systemClock, everyMs, () => act(world));
    return () => timer.stop();
  };
}

/** The programs may do no more than this, for as long as the fault lasts; a drain that is refused fails, and is tried again. */
function rights(...rules: readonly { apiGroups: string[]; resources: string[]; verbs: string[] }[]): FaultEntry {
  const users = ['imds-agent', 'queue-processor'].map((name) => `system:serviceaccount:kube-system:${name}`);
  return {
    allowance: { repeats: true },
    begin: ({ sandbox }) => {
      for (const user of users) sandbox.kubernetes.setRules(user, rules);
      return () => users.forEach((user) => sandbox.kubernetes.setRules(user, undefined));
    },
  };
}

const allowance = { repeats: true };
const aHungCall = {
  boundSeconds: 20,
  boundBecause: 'a request that hangs is given up after some seconds, and tried again after a pause',
};
/** An admission webhook of somebody's. */
function refused(what: Refused, refusal: Refusal): FaultEntry['begin'] {
  return (world) => refuse(world, { what, refusal });
}

const denies = denial(403, { reason: 'Forbidden' });
const comeAgain = { kind: 'flow-control', retryAfterSeconds: 1 } as const;

/** What goes wrong with the Kubernetes API server. */
export const apiServerFaults = faultsOf('API server', ['imds-agent', 'queue-processor'], {
  'refuses connections': async ({ sandbox }) => {
    await sandbox.kubernetes.pause();
    return () => sandbox.kubernetes.resume();
  },
  'restarts twice a second': {
    begin: repeatedly(500, ({ sandbox }) => void sandbox.kubernetes.restart()),
    needsProcesses: true,
  },
  'hangs (etcd is stalled)': effect({ kind: 'hang' }, aHungCall),
  'sends half of an answer, then nothing': effect({ kind: 'stall' }, { ...aHungCall, allowance }),
  'takes 0.7 s to 1 s for each answer': effect({ kind: 'latency', ms: 700, jitterMs: 300 }),
  'answers 429, come again in a second': effect(comeAgain),
  'answers 500': effect({ kind: 'status', code: 500 }),
  'answers 503': effect({ kind: 'status', code: 503, message: 'apiserver is shutting down' }),
  'answers 504': effect({ kind: 'status', code: 504 }),
  'drops connections before a write': effect({ kind: 'drop', when: 'before-write' }),
  'writes, and drops the connection': effect({ kind: 'drop', when: 'after-write' }, { allowance }),
  'sends half of its answers': effect({ kind: 'truncate' }, { allowance, needsProcesses: true }),
  'lets others write first (conflicts)': effect({ kind: 'contend' }, { match: { verb: 'patch' }, probability: 0.8 }),
  'answers reads with the past': effect({ kind: 'stale', revisions: 3 }, { match: { verb: ['get', 'list'] } }),
  'ends watches': repeatedly(100, ({ sandbox }) => void sandbox.kubernetes.faults.dropWatches()),
  'lets watches fall silent': ({ sandbox }) => {
    sandbox.kubernetes.faults.muteWatches();
    // Silent for good; those that are opened from now on speak.
    return () => undefined;
  },
  'forgets its history (410)': repeatedly(200, ({ sandbox }) => sandbox.kubernetes.faults.expireHistory()),
  'has a new certificate': {
    begin: async ({ sandbox }) => {
      await sandbox.kubernetes.rotateCertificate();
      await sandbox.kubernetes.restart();
      return () => undefined;
    },
    needsProcesses: true,
  },
  'forbids everything (RBAC taken away)': rights(),
  'forbids writes (RBAC taken away)': rights({
    apiGroups: ['*'],
    resources: ['*'],
    verbs: ['get', 'list', 'watch'],
  }),
  'answers 429 to writes alone': effect(comeAgain, { match: { verb: ['create', 'patch', 'update', 'delete'] } }),
  'has an admission webhook that denies evictions': refused('evictions', denies),
  'has an admission webhook that hangs on evictions': refused('evictions', silence(3000)),
  'has an admission webhook that denies patches of nodes': refused('patches of nodes', denies),
});
