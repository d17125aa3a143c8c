import { describe, expect, it } from 'vitest';
import { node, pod } from '../builders.ts';
import { start } from '../testing/harness.ts';
import type { Harness } from '../testing/harness.ts';
import type { Admission } from './admission.ts';

const path = '/api/v1/namespaces/default/pods/web-1';
const webhook = { by: 'webhook', name: 'no.example.com' } as const;

/** A pod whose evictions are refused at admission. */
async function refusing(refusal: Admission): Promise<Harness> {
  const harness = await start();
  const { kubernetes } = harness;
  kubernetes.put(node({ name: 'n1' }));
  kubernetes.put(pod({ name: 'web-1', node: 'n1' }));
  kubernetes.faults.add({ match: { subresource: 'eviction' }, effect: { kind: 'admission', refusal } });
  return harness;
}

// As `tools/trials/src/e2e/contract/refusal.test.ts` has it from the real server.
describe('an eviction that is refused at admission', () => {
  it.each<[number, Admission, string]>([
    [400, webhook, 'admission webhook "no.example.com" denied the request without explanation'],
    [
      403,
      { ...webhook, code: 403, reason: 'Forbidden' },
      'admission webhook "no.example.com" denied the request: Forbidden',
    ],
    [
      429,
      { ...webhook, code: 429, message: 'not now' },
      'admission webhook "no.example.com" denied the request: not now',
    ],
    [
      422,
      { by: 'policy', name: 'keep', message: 'not now' },
      "pods \"web-1\" is forbidden: ValidatingAdmissionPolicy 'keep' with binding 'keep' denied request: not now",
    ],
    [
      500,
      { by: 'webhook-that-hangs', name: 'no.example.com', timeoutMs: 1 },
      'Internal error occurred: failed calling webhook "no.example.com": failed to call webhook: Post "https://no.example.com/": context deadline exceeded',
    ],
  ])('is answered %i, with the name of who refused it: %j', async (code, refusal, message) => {
    const { client } = await refusing(refusal);
    const reply = await client.evict('default', 'web-1');
    expect([reply.code, reply.at('message')]).toEqual([code, message]);
    expect((await client.get(path)).at('metadata.deletionTimestamp')).toBeUndefined();
  });

  it('may be told a cause, and when to come again', async () => {
    const details = { causes: [{ reason: 'DisruptionBudget', message: 'no' }], retryAfterSeconds: 7 };
    const { client } = await refusing({ ...webhook, code: 429, reason: 'TooManyRequests', details });
    const reply = await client.evict('default', 'web-1');
    expect([reply.at('reason'), reply.at('details.causes.0.reason')]).toEqual(['TooManyRequests', 'DisruptionBudget']);
    expect(reply.headers['retry-after']).toBe('7');
  });

  it('is refused before by a missing right, and may be gone past by a deletion', async () => {
    const { kubernetes, client } = await refusing({ ...webhook, code: 403 });
    kubernetes.setRules('tester', [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }]);
    const refused = await client.evict('default', 'web-1');
    expect(refused.at('message')).toContain('cannot create resource');
    expect((await client.delete(path)).code).toBe(200);
  });
});
