import type { Verdict } from '../finding.ts';
import type { RenderedCharts } from './cases.ts';
import { at, manifestsOf } from './manifests.ts';
import type { Manifest } from './manifests.ts';

/** Whoever may write the status of pods is held by a policy to the one condition that is meant; there must be such cases, and others. */
export function statusIsFenced({ rendered }: RenderedCharts): Verdict {
  const problems: string[] = [];
  let granted = 0;
  for (const [{ program, name }, yaml] of rendered) {
    const manifests = manifestsOf(yaml);
    const accounts = accountsThatMay(manifests, 'pods/status');
    granted += Math.min(1, accounts.length);
    const unfenced = accounts.filter((account) => !isFenced(manifests, account));
    problems.push(...unfenced.map((account) => `${program}, ${name}: nothing fences ${account}`));
  }
  if (granted === 0 || granted === rendered.size)
    problems.push(`it is granted in ${granted} of ${rendered.size} cases`);
  return { detail: `${granted} of ${rendered.size} cases`, problems };
}

/** The users that a rendered chart lets do something with a resource in the whole cluster. */
export function accountsThatMay(manifests: readonly Manifest[], resource: string): readonly string[] {
  const roles = ofKind(manifests, 'ClusterRole').filter((role) =>
    list(role.rules).some((rule) =>
      [resource, '*', 'pods/*', '*/status'].some((one) => list(at(rule, 'resources')).includes(one)),
    ),
  );
  const bindings = ofKind(manifests, 'ClusterRoleBinding').filter((binding) =>
    roles.some(({ metadata }) => metadata.name === at(binding, 'roleRef', 'name')),
  );
  return bindings
    .flatMap(({ subjects }) => list(subjects))
    .map((subject) => `system:serviceaccount:${String(at(subject, 'namespace'))}:${String(at(subject, 'name'))}`);
}

/** Whether an update of a pod's status by this user is denied unless a policy allows it, and also when the policy fails. */
export function isFenced(manifests: readonly Manifest[], account: string): boolean {
  const isBound = ({ metadata: { name } }: Manifest) =>
    ofKind(manifests, 'ValidatingAdmissionPolicyBinding').some(
      ({ spec }) =>
        at(spec, 'policyName') === name &&
        list(at(spec, 'validationActions')).includes('Deny') &&
        at(spec, 'matchResources') === undefined,
    );
  return ofKind(manifests, 'ValidatingAdmissionPolicy').some((policy) => {
    const { spec } = policy;
    const [condition, ...others] = list(at(spec, 'matchConditions'));
    return (
      isBound(policy) &&
      at(spec, 'failurePolicy') === 'Fail' &&
      list(at(spec, 'validations')).length > 0 &&
      list(at(spec, 'matchConstraints', 'resourceRules', 0, 'resources')).includes('pods/status') &&
      others.length === 0 &&
      at(condition, 'expression') === `request.userInfo.username == '${account}'`
    );
  });
}

function ofKind(manifests: readonly Manifest[], kind: string): readonly Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
