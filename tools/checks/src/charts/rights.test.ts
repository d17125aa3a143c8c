import { describe, expect, it } from 'vitest';
import { manifestsOf } from './manifests.ts';
import { accountsThatMay, isFenced } from './rights.ts';

const role = `
kind: ClusterRole
apiVersion: rbac.authorization.k8s.io/v1
metadata: {name: a}
rules:
  - {apiGroups: [''], resources: [pods/status], verbs: [patch]}
---
kind: ClusterRoleBinding
apiVersion: rbac.authorization.k8s.io/v1
metadata: {name: a}
roleRef: {kind: ClusterRole, name: a}
subjects: [{kind: ServiceAccount, name: me, namespace: here}]
`;
const fence = `
kind: ValidatingAdmissionPolicy
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: p}
spec:
  failurePolicy: Fail
  matchConstraints: {resourceRules: [{resources: [pods/status]}]}
  matchConditions: [{name: me, expression: "request.userInfo.username == 'system:serviceaccount:here:me'"}]
  validations: [{expression: 'false'}]
---
kind: ValidatingAdmissionPolicyBinding
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: p}
spec: {policyName: p, validationActions: [Deny]}
`;

describe('the right to the status of pods', () => {
  it('is found by whom it is bound to', () => {
    expect(accountsThatMay(manifestsOf(role), 'pods/status')).toEqual(['system:serviceaccount:here:me']);
    expect(accountsThatMay(manifestsOf(role.replace('pods/status', 'pods')), 'pods/status')).toEqual([]);
    expect(
      accountsThatMay(manifestsOf(role.replace('name: a}\nroleRef', 'name: a}\n# roleRef')), 'pods/status'),
    ).toEqual([]);
  });

  const me = 'system:serviceaccount:here:me';
  it('is fenced by a policy that denies, also when it fails, and in all namespaces', () => {
    expect(isFenced(manifestsOf(fence), me)).toBe(true);
  });

  it.each([
    ['Fail', 'Ignore'],
    ['[Deny]', '[Audit]'],
    ['[Deny]', '[Deny], matchResources: {}'],
    ['policyName: p', 'policyName: q'],
    ['here:me', 'here:another'],
    ['[{resources: [pods/status]}]', '[]'],
    ["[{expression: 'false'}]", '[]'],
    ['here:me\'"}]', "here:me'\"}, {name: never, expression: 'false'}]"],
  ])('is not fenced with %s → %s', (what, other) => {
    expect(fence).toContain(what);
    expect(isFenced(manifestsOf(fence.replace(what, other)), me)).toBe(false);
  });
});
