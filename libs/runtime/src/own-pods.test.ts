import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOfDeployment } from './own-pods.ts';

const own = { namespace: 'ops', name: 'nth-queue-processor-6d4cf56db6-x2x4z' };
const replicaSet = (name: string) => ({ kind: 'ReplicaSet', name, uid: 'r' });
const ref = (name: string, namespace = 'ops') => ({ namespace, name, uid: 'u' });

describe('the pods of the own Deployment', () => {
  const isOwn = isOfDeployment(own);
  it.each([
    ['the own pod', ref(own.name), undefined, true],
    ['a replica', ref('nth-queue-processor-6d4cf56db6-b4b5c'), replicaSet('nth-queue-processor-6d4cf56db6'), true],
    ['one of another version', ref('nth-queue-processor-7f8d-b4b5c'), replicaSet('nth-queue-processor-7f8d'), true],
    ['a pod of its name elsewhere', ref(own.name, 'shop'), replicaSet('nth-queue-processor-6d4cf56db6'), false],
    ['one of another Deployment', ref('nth-6d4cf56db6-b4b5c'), replicaSet('nth-6d4cf56db6'), false],
    ['one whose name only begins so', ref('x'), replicaSet('nth-queue-processor-web-6d4cf56db6'), false],
    ['a Job’s', ref('x'), { kind: 'Job', name: 'nth-queue-processor-6d4cf56db6', uid: 'j' }, false],
  ])('%s', (_what, pod, controller, expected) => {
    expect(isOwn({ ref: pod, controller })).toBe(expected);
  });

  it('is the own pod alone where that is no Deployment’s', () => {
    const alone = isOfDeployment({ namespace: 'ops', name: 'queue-processor-0' });
    expect(alone({ ref: ref('queue-processor-0'), controller: undefined })).toBe(true);
    expect(alone({ ref: ref('x'), controller: replicaSet('queue-processor-6d4cf56db6') })).toBe(false);
  });

  it('are told apart whatever Deployments are called', () => {
    const letters = 'bcdfghjklmnpqrstvwxz2456789';
    const random = (minLength: number, maxLength: number) =>
      fc.stringMatching(new RegExp(`^[${letters}]{${minLength},${maxLength}}$`));
    const deployment = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(deployment, deployment, random(8, 10), random(8, 10), random(5, 5), (one, other, hash, next, end) => {
        const isOfOne = isOfDeployment({ namespace: 'ops', name: `${one}-${hash}-${end}` });
        const pod = (name: string) =>
          isOfOne({ ref: ref(`${name}-${next}-x2x4z`), controller: replicaSet(`${name}-${next}`) });
        expect([pod(one), pod(other)]).toEqual([true, one === other]);
      }),
    );
  });
});
