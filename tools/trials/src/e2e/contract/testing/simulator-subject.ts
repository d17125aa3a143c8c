import { createApiClient, waitFor } from '@node-termination-handler/control-plane';
import type { ApiClient } from '@node-termination-handler/control-plane';
import { startKubernetes } from '@node-termination-handler/sandbox';
import type { KubernetesFaultEffect } from '@node-termination-handler/sandbox';
import { freshName, nodeManifest, podManifest } from './objects.ts';
import type { Refuser } from './refusing.ts';
import type { Subject, WireObject } from './subject.ts';

/** A simulator of our own, with its own clients. */
export async function openSimulatorSubject(): Promise<Subject> {
  const simulator = await startKubernetes();
  const { url, caPem } = simulator;
  const clients: ApiClient[] = [];
  const client = (token: string | undefined) => {
    const made = createApiClient({ url, caPem, token });
    clients.push(made);
    return made;
  };
  const admin = client(simulator.issueToken({ user: 'admin', groups: ['system:masters'] }));

  async function create(path: string, body: unknown): Promise<WireObject> {
    const response = await admin.request('POST', path, { body });
    if (response.status !== 201) throw new Error(`not created: ${response.status} ${JSON.stringify(response.body)}`);
    return response.body as WireObject;
  }

  return {
    kind: 'simulator',
    admin,
    client,
    async userWith(rules) {
      const name = `system:serviceaccount:default:${freshName('user')}`;
      simulator.setRules(name, rules);
      return Promise.resolve({ name, client: client(simulator.issueToken({ user: name })) });
    },
    withFewSeats() {
      // What comes over one loop is never under way at once.
      simulator.faults.throttle(0);
      return Promise.resolve(() => {
        simulator.faults.throttle(undefined);
        return Promise.resolve();
      });
    },
    refuse(pod, refuser) {
      for (const match of [{ verb: 'create', subresource: 'eviction' }, { verb: 'delete' }])
        simulator.faults.add({
          match: { ...match, ...pod, resource: 'pods' },
          effect: { kind: 'admission', refusal: admissionOf(refuser) },
        });
      return Promise.resolve();
    },
    async createNamespace() {
      const name = freshName('contract');
      await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return name;
    },
    async createNode({ labels, taints } = {}) {
      const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
      return create('/api/v1/nodes', { ...nodeManifest(labels, taints), status: { conditions } });
    },
    async createPod(namespace, setup = {}) {
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const made = await create(path, podManifest(namespace, setup));
      const { waitUntilReady = setup.node !== undefined && setup.neverReady !== true } = setup;
      if (!waitUntilReady) return made;
      if (setup.completes === true) {
        await admin.request('PATCH', `${path}/${made.metadata.name}/status`, {
          contentType: 'application/merge-patch+json',
          body: { status: { phase: 'Succeeded' } },
        });
      }
      const look = async () => {
        const pod = (await admin.request('GET', `${path}/${made.metadata.name}`)).body as WireObject;
        const phase = pod.status?.phase;
        return phase === (setup.completes === true ? 'Succeeded' : 'Running') ? pod : undefined;
      };
      return waitFor(look, { what: `pod ${made.metadata.name} to run` });
    },
    async expireHistory() {
      simulator.compact();
      return Promise.resolve();
    },
    async [Symbol.asyncDispose]() {
      for (const each of clients) each.close();
      await simulator.close();
    },
  };
}

function admissionOf(refuser: Refuser): Extract<KubernetesFaultEffect, { kind: 'admission' }>['refusal'] {
  const { by, name } = refuser;
  switch (by) {
    case 'webhook':
      return refuser.verdict === 'hang'
        ? { by: 'webhook-that-hangs', name, timeoutMs: 50 }
        : { by, name, ...(refuser.verdict === 'allow' ? {} : refuser.verdict) };
    case 'nobody':
      return { by: 'webhook-that-hangs', name, timeoutMs: 0 };
    case 'policy':
      return { by, name, message: refuser.message };
  }
}
