import type { KubernetesFaultEffect, KubernetesRequestMatch } from '@node-termination-handler/sandbox';
import type { Allowance } from '../invariants/allowance.ts';
import { BOTH } from './fault.ts';
import type { Fault } from './fault.ts';

function effect(
  name: string,
  added: KubernetesFaultEffect,
  rest: Partial<Pick<Fault, 'boundSeconds' | 'boundBecause'>> & {
    readonly match?: KubernetesRequestMatch;
    readonly allowance?: Allowance;
    readonly probability?: number;
  } = {},
): Fault {
  const { match, probability, ...about } = rest;
  return {
    area: 'API server',
    name,
    programs: BOTH,
    ...about,
    begin: ({ sandbox }) => {
      const handle = sandbox.kubernetes.faults.add({
        effect: added,
        ...(match && { match }),
        ...(probability !== undefined && { probability }),
      });
      return () => handle.remove();
    },
  };
}

/** Again and again while the fault lasts. */
function repeatedly(name: string, act: (world: Parameters<Fault['begin']>[0]) => void, everyMs: number): Fault {
  return {
    area: 'API server',
    name,
    programs: BOTH,
    begin: (world) => {
      act(world);
      const timer = setInterval(() => act(world), everyMs);
      return () => clearInterval(timer);
    },
  };
}

const users = ['imds-agent', 'queue-processor'].map((name) => `system:serviceaccount:kube-system:${name}`);
const writes = ['create', 'patch', 'update', 'delete'];

/** A refusal is no matter of waiting: the drain fails, people are told, and it is tried again. */
const triedAgain = { allowance: { repeats: true } };

/** What goes wrong with the Kubernetes API server. */
export const apiServerFaults: readonly Fault[] = [
  {
    area: 'API server',
    name: 'refuses connections',
    programs: BOTH,
    begin: async ({ sandbox }) => {
      await sandbox.kubernetes.pause();
      return () => sandbox.kubernetes.resume();
    },
  },
  repeatedly('restarts twice a second', ({ sandbox }) => void sandbox.kubernetes.restart(), 500),
  effect(
    'hangs (etcd is stalled)',
    { kind: 'hang' },
    {
      boundSeconds: 20,
      boundBecause: 'a request that hangs is given up after some seconds, and tried again after a pause',
    },
  ),
  effect('takes 0.7 s to 1 s for each answer', { kind: 'latency', ms: 700, jitterMs: 300 }),
  effect('answers 429, come again in a second', { kind: 'flow-control', retryAfterSeconds: 1 }),
  effect('answers 500', { kind: 'status', code: 500 }),
  effect('answers 503', { kind: 'status', code: 503, message: 'apiserver is shutting down' }),
  effect('answers 504', { kind: 'status', code: 504 }),
  effect('drops connections before a write', { kind: 'drop', when: 'before-write' }),
  effect('writes, and drops the connection', { kind: 'drop', when: 'after-write' }, { allowance: { repeats: true } }),
  effect('sends half of its answers', { kind: 'truncate' }, { allowance: { repeats: true } }),
  effect('lets others write first (conflicts)', { kind: 'contend' }, { match: { verb: 'patch' }, probability: 0.8 }),
  effect('answers reads with the past', { kind: 'stale', revisions: 3 }, { match: { verb: ['get', 'list'] } }),
  repeatedly('ends watches', ({ sandbox }) => void sandbox.kubernetes.faults.dropWatches(), 100),
  {
    area: 'API server',
    name: 'lets watches fall silent',
    programs: BOTH,
    begin: ({ sandbox }) => {
      sandbox.kubernetes.faults.muteWatches();
      return () => sandbox.kubernetes.faults.clear();
    },
  },
  repeatedly('forgets its history (410)', ({ sandbox }) => sandbox.kubernetes.faults.expireHistory(), 200),
  {
    area: 'API server',
    name: 'has a new certificate',
    programs: BOTH,
    begin: async ({ sandbox }) => {
      await sandbox.kubernetes.rotateCertificate();
      await sandbox.kubernetes.restart();
      return () => undefined;
    },
  },
  {
    area: 'API server',
    name: 'forbids everything (RBAC taken away)',
    programs: BOTH,
    ...triedAgain,
    begin: ({ sandbox }) => {
      for (const user of users) sandbox.kubernetes.setRules(user, []);
      return () => users.forEach((user) => sandbox.kubernetes.setRules(user, undefined));
    },
  },
  {
    area: 'API server',
    name: 'forbids writes (RBAC taken away)',
    programs: BOTH,
    ...triedAgain,
    begin: ({ sandbox }) => {
      const reading = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }];
      for (const user of users) sandbox.kubernetes.setRules(user, reading);
      return () => users.forEach((user) => sandbox.kubernetes.setRules(user, undefined));
    },
  },
  effect('answers 429 to writes alone', { kind: 'flow-control', retryAfterSeconds: 1 }, { match: { verb: writes } }),
];
