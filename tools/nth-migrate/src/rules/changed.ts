import { charts, isUnset, isValues } from '../values.ts';
import type { Values } from '../values.ts';
import type { Rule, Situation } from './rule.ts';
import { keep, rename, retire, toEach } from './rule.ts';

const shortestGraceSeconds = 40;
const systemNode =
  'The Go handler’s chart gave it to the Deployment; charts before 0.16 gave it to the DaemonSets as well.';

/** A value for pods of the queue processor; what older charts did with it for DaemonSets is for people to decide. */
const deploymentOnly =
  (daemonset: string): Rule =>
  (value, name, situation) => ({
    to: { 'queue-processor': { [name]: value } },
    ...(situation.replacement === 'imds-agent'
      ? { change: `${systemNode} For imds-agent, set \`${daemonset}\`.` }
      : {}),
  });

const onHostNetwork = ({ values }: Situation) => values.useHostNetwork !== false && values.useHostNetwork !== 'false';

const port =
  (what: string): Rule =>
  (value, name, situation) => ({
    to: toEach(charts, { [name]: value }),
    ...(situation.replacement === 'imds-agent' && onHostNetwork(situation)
      ? {
          change: `Kept for ${what}. On the host network no two pods of a node can have it: while both handlers run, pods of the second stay Pending; leave it out until then.`,
        }
      : {}),
  });

/** Values that go over changed, or not at all. */
export const changedRules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['enableSqsTerminationDraining', retire('It chose the mode. Now the program is the choice; see above which one.')],
  ['checkASGTagBeforeDraining', rename('checkTagBeforeDraining', 'queue-processor')],
  ['managedAsgTag', rename('managedTag', 'queue-processor')],
  ['kubernetesExtraEventsAnnotations', rename('kubernetesEventsExtraAnnotations', ...charts)],
  ['gracePeriod', gracePeriod],
  ['terminationGracePeriodSeconds', terminationGracePeriod],
  ['image', image],
  ['securityContext', securityContext],
  ['podSecurityContext', podSecurityContext],
  ['rbac', rbac],
  ['probes', probes],
  ['prometheusServerPort', port('the metrics')],
  ['probesServerPort', port('the probes')],
  ['priorityClassName', deploymentOnly('daemonsetPriorityClassName')],
  ['nodeSelector', deploymentOnly('daemonsetNodeSelector')],
  ['affinity', deploymentOnly('daemonsetAffinity')],
  ['tolerations', deploymentOnly('daemonsetTolerations')],
  ['nodeSelectorTermsOs', retire('Every supported Kubernetes has `kubernetes.io/os`.')],
  ['nodeSelectorTermsArch', retire('The images are for every architecture that a node can have.')],
  [
    'awsAccessKeyID',
    retire('Keys do not belong in values: put both into a Secret, and name it in `awsCredentialsSecretName`.'),
  ],
  [
    'awsSecretAccessKey',
    retire('Keys do not belong in values: put both into a Secret, and name it in `awsCredentialsSecretName`.'),
  ],
]);

function gracePeriod(value: unknown, name: string, situation: Situation) {
  if (!isUnset(situation.values.podTerminationGracePeriod)) {
    return { to: {}, change: '`podTerminationGracePeriod` is set too, and wins.' };
  }
  return rename('podTerminationGracePeriod', ...charts)(value, name, situation);
}

function terminationGracePeriod(value: unknown, name: string) {
  const seconds = Number(value);
  if (Number.isInteger(seconds) && seconds >= shortestGraceSeconds) return { to: toEach(charts, { [name]: seconds }) };
  return {
    to: {},
    change: `${String(value)} is too short: a drain under way gets 20 s after SIGTERM, and what is left goes back to the queue. The charts' own value stands.`,
  };
}

function image(value: unknown) {
  const { pullPolicy, pullSecrets } = isValues(value) ? value : {};
  const kept = { ...(isUnset(pullPolicy) ? {} : { pullPolicy }), ...(isUnset(pullSecrets) ? {} : { pullSecrets }) };
  return {
    to: Object.keys(kept).length === 0 ? {} : toEach(charts, { image: kept }),
    change:
      'Repository and tag named the Go handler’s image; the new charts have images of their own. Set `image.repository` for a mirror.',
  };
}

/** User and group of the container won over those of the pod, and now stand there. */
function podContext({ values }: Situation): Values {
  const given = isValues(values.securityContext) ? values.securityContext : {};
  const user = given.runAsUser ?? given.runAsUserID;
  const group = given.runAsGroup ?? given.runAsGroupID;
  return {
    ...(isValues(values.podSecurityContext) ? values.podSecurityContext : {}),
    ...(isUnset(user) ? {} : { runAsUser: Number(user) }),
    ...(isUnset(group) ? {} : { runAsGroup: Number(group) }),
  };
}

function securityContext(_value: unknown, _name: string, situation: Situation) {
  return {
    to: toEach(charts, { podSecurityContext: podContext(situation) }),
    change:
      'User and group stand in `podSecurityContext`; the rest is as strict as it can be by default (no capabilities, read-only root).',
  };
}

function podSecurityContext(_value: unknown, name: string, situation: Situation) {
  return { to: toEach(charts, { [name]: podContext(situation) }) };
}

function rbac(value: unknown, name: string, situation: Situation) {
  const { pspEnabled, ...rest } = isValues(value) ? value : {};
  const change = 'PodSecurityPolicy ended with Kubernetes 1.25, and `rbac.pspEnabled` with it.';
  const kept = Object.keys(rest).length === 0 ? {} : keep(...charts)(rest, name, situation).to;
  return { to: kept, ...(pspEnabled === undefined ? {} : { change }) };
}

function probes(value: unknown, name: string) {
  const { httpGet, ...timing } = isValues(value) ? value : {};
  const change =
    'Path and port of the probes follow from `probesServerEndpoint` and `probesServerPort`; the timing goes over.';
  return {
    to: Object.keys(timing).length === 0 ? {} : toEach(charts, { [name]: timing }),
    ...(httpGet === undefined ? {} : { change }),
  };
}
