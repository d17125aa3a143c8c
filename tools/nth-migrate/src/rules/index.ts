import { charts, isUnset } from '../values.ts';
import { imageRule, podSecurityContextRule, rbacRule, securityContextRule, serviceAccountRule } from './access.ts';
import { budgetRule, metricsPortRule, monitorRule, probesPortRule, probesRule } from './observed.ts';
import { generalPlacement, spreadRule, systemPlacement } from './placement.ts';
import { address, flag, parts, shown, tag, text, texts, variables, wholeNumber, word } from './readings.ts';
import type { Reading } from './readings.ts';
import { resourcesRule } from './resources.ts';
import { asked, changed, drop, dropped, keep, kept, rename, toEach } from './rule.ts';
import type { Rule } from './rule.ts';
import {
  eventAnnotationsRule,
  templateConfigMapRule,
  webhookHeadersRule,
  webhookTemplateRule,
  webhookURLRule,
} from './told.ts';

const seconds = (least: number, most = 2_147_483_647) => wholeNumber(least, most, { orMinusOne: true });
const http = address('http', 'https');
const dnsPolicy = word('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None');
const isList = (value: unknown) => Array.isArray(value);
const isMap = (value: unknown) => parts(value).unclear === undefined;
const noKeys = 'Keys do not belong in values: put both into a Secret, and name that in `awsCredentialsSecretName`.';
const shortestGraceSeconds = 40;

/** Old charts had the word alone. */
function strategy(value: unknown): Reading {
  return typeof value === 'string'
    ? { value: { type: value }, change: 'It has parts: `type`, and `rollingUpdate`.' }
    : parts(value);
}

const systems: Rule = {
  fate: 'kept',
  about: 'On Windows there is no `procUptimeFile` to mount.',
  apply(value, name) {
    const found = ['linux', 'windows'].filter((system) =>
      String(value)
        .toLowerCase()
        .split(/[\s,]+/)
        .includes(system),
    );
    if (found.length === 0)
      return { to: {}, accounts: [asked(name, `${shown(value)} names neither linux nor windows.`)] };
    const to = { 'imds-agent': { [name]: found.join(' ') } };
    return {
      to,
      accounts: [found.join(' ') === value ? kept(name) : changed(name, `It is written \`${found.join(' ')}\`.`)],
    };
  },
};

const uptimeFile: Rule = {
  fate: 'dropped',
  about: 'The program asks the system itself; a file of another name is mounted on Linux, and never on Windows.',
  apply(value, name, situation) {
    if (value === '/proc/uptime') return { to: {}, accounts: [dropped(name, 'The program asks the system itself.')] };
    const why = situation.systems.includes('windows')
      ? 'It is mounted on Linux only: Windows has no such file.'
      : undefined;
    const to = { 'imds-agent': { [name]: String(value) } };
    return { to, accounts: [why === undefined ? kept(name) : changed(name, why)] };
  },
};

const graceOfPods = seconds(0);

const formerGrace: Rule = {
  fate: 'renamed',
  about: 'It is called `podTerminationGracePeriod`, which wins where both are set.',
  apply(value, name, situation) {
    if (!isUnset(situation.values.podTerminationGracePeriod)) {
      return { to: {}, accounts: [dropped(name, '`podTerminationGracePeriod` is set too, and wins.')] };
    }
    return rename('podTerminationGracePeriod', graceOfPods, ...charts).apply(value, name, situation);
  },
};

/** A former name gives way to the present one. */
function former(target: string, read: (value: unknown) => Reading): Rule {
  const rule = rename(target, read, 'queue-processor');
  return {
    ...rule,
    about: `It is called \`${target}\`, which wins where both are set.`,
    apply(value, name, situation) {
      if (isUnset(situation.values[target])) return rule.apply(value, name, situation);
      return { to: {}, accounts: [dropped(name, `\`${target}\` is set too, and wins.`)] };
    },
  };
}

const ownGrace: Rule = {
  fate: 'changed',
  about: `Below ${shortestGraceSeconds} s it is left out: a drain under way gets 20 s after SIGTERM, and then goes back.`,
  apply(value, name) {
    const given = Number(value);
    if (!Number.isInteger(given)) return { to: {}, accounts: [asked(name, `${shown(value)} is no whole number.`)] };
    if (given >= shortestGraceSeconds) return { to: toEach(charts, { [name]: given }), accounts: [kept(name)] };
    const why = `${given} s are too short: a drain under way gets 20 s after SIGTERM, and what is left goes back. The charts' own value stands.`;
    return { to: {}, accounts: [changed(name, why)] };
  },
};

/** How each value of the Go handler's chart goes over: those of its present `values.yaml`, and those of older ones. */
export const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>(
  Object.entries({
    image: imageRule,
    nameOverride: keep(text, ...charts),
    fullnameOverride: drop('Both releases would own objects of that name, and Helm refuses to install the second.'),
    serviceAccount: serviceAccountRule,
    rbac: rbacRule,
    customLabels: keep(texts, ...charts),
    podLabels: keep(texts, ...charts),
    podAnnotations: keep(texts, ...charts),
    podSecurityContext: podSecurityContextRule,
    securityContext: securityContextRule,
    terminationGracePeriodSeconds: ownGrace,
    resources: resourcesRule,
    nodeSelector: generalPlacement('NodeSelector', isMap),
    affinity: generalPlacement('Affinity', isMap),
    tolerations: generalPlacement('Tolerations', isList),
    topologySpreadConstraints: spreadRule,
    extraEnv: keep(variables, ...charts),
    probes: probesRule,
    logLevel: keep(word('info', 'debug', 'error'), ...charts),
    logFormatVersion: keep(word('1', '2'), ...charts),
    jsonLogging: keep(flag, ...charts),
    enablePrometheusServer: keep(flag, ...charts),
    prometheusServerPort: metricsPortRule,
    dryRun: keep(flag, ...charts),
    cordonOnly: keep(flag, ...charts),
    taintNode: keep(flag, ...charts),
    enableOutOfServiceTaint: keep(flag, ...charts),
    excludeFromLoadBalancers: keep(flag, ...charts),
    deleteLocalData: keep(flag, ...charts),
    ignoreDaemonSets: keep(flag, ...charts),
    podTerminationGracePeriod: keep(graceOfPods, ...charts),
    nodeTerminationGracePeriod: keep(wholeNumber(1, 2_147_483_647), ...charts),
    emitKubernetesEvents: keep(flag, ...charts),
    completeLifecycleActionDelaySeconds: keep(seconds(0, 172_800), 'queue-processor'),
    kubernetesEventsExtraAnnotations: eventAnnotationsRule('kubernetesEventsExtraAnnotations'),
    webhookURL: webhookURLRule,
    webhookURLSecretName: keep(text, ...charts),
    webhookHeaders: webhookHeadersRule,
    webhookProxy: keep(address('http', 'https', 'tcp'), ...charts),
    webhookTemplate: webhookTemplateRule,
    webhookTemplateConfigMapName: templateConfigMapRule,
    webhookTemplateConfigMapKey: templateConfigMapRule,
    enableSqsTerminationDraining: drop('It chose the mode. Now the program is the choice.'),
    replicas: keep(wholeNumber(0, 9999), 'queue-processor'),
    strategy: keep(strategy, 'queue-processor'),
    podDisruptionBudget: budgetRule,
    serviceMonitor: monitorRule('queue-processor'),
    priorityClassName: keep(text, 'queue-processor'),
    awsRegion: keep(text, ...charts),
    queueURL: keep(http, 'queue-processor'),
    workers: keep(wholeNumber(1, 10_000), 'queue-processor'),
    checkASGTagBeforeDraining: former('checkTagBeforeDraining', flag),
    checkTagBeforeDraining: keep(flag, 'queue-processor'),
    managedAsgTag: former('managedTag', tag),
    managedTag: keep(tag, 'queue-processor'),
    useProviderId: keep(flag, 'queue-processor'),
    targetNodeOs: systems,
    linuxPodLabels: keep(texts, 'imds-agent'),
    windowsPodLabels: keep(texts, 'imds-agent'),
    linuxPodAnnotations: keep(texts, 'imds-agent'),
    windowsPodAnnotations: keep(texts, 'imds-agent'),
    updateStrategy: keep(strategy, 'imds-agent'),
    daemonsetPriorityClassName: keep(text, 'imds-agent'),
    podMonitor: monitorRule('imds-agent'),
    useHostNetwork: keep(flag, 'imds-agent'),
    dnsPolicy: keep(dnsPolicy, ...charts),
    dnsConfig: keep(parts, ...charts),
    linuxDnsPolicy: keep(dnsPolicy, 'imds-agent'),
    windowsDnsPolicy: keep(dnsPolicy, 'imds-agent'),
    daemonsetNodeSelector: systemPlacement('NodeSelector', isMap),
    linuxNodeSelector: systemPlacement('NodeSelector', isMap),
    windowsNodeSelector: systemPlacement('NodeSelector', isMap),
    daemonsetAffinity: systemPlacement('Affinity', isMap),
    linuxAffinity: systemPlacement('Affinity', isMap),
    windowsAffinity: systemPlacement('Affinity', isMap),
    daemonsetTolerations: systemPlacement('Tolerations', isList),
    linuxTolerations: systemPlacement('Tolerations', isList),
    windowsTolerations: systemPlacement('Tolerations', isList),
    enableProbesServer: keep(flag, ...charts),
    metadataTries: keep(wholeNumber(1, 100), 'imds-agent'),
    enableSpotInterruptionDraining: keep(flag, 'imds-agent'),
    enableASGLifecycleDraining: keep(flag, 'imds-agent'),
    enableScheduledEventDraining: keep(flag, 'imds-agent'),
    enableRebalanceMonitoring: keep(flag, 'imds-agent'),
    enableRebalanceDraining: keep(flag, 'imds-agent'),
    deleteSqsMsgIfNodeNotFound: keep(flag, 'queue-processor'),
    heartbeatInterval: keep(seconds(30, 3600), 'queue-processor'),
    heartbeatUntil: keep(seconds(60, 172_800), 'queue-processor'),
    sqsMsgVisibilityTimeoutSec: keep(wholeNumber(1, 119), 'queue-processor'),
    awsEndpoint: keep(http, ...charts),
    awsAccessKeyID: drop(noKeys),
    awsSecretAccessKey: drop(noKeys),
    instanceMetadataURL: keep(http, 'imds-agent'),
    procUptimeFile: uptimeFile,
    // Of older charts.
    gracePeriod: formerGrace,
    kubernetesExtraEventsAnnotations: eventAnnotationsRule('kubernetesEventsExtraAnnotations'),
    useAPIServerCacheToListPods: keep(flag, ...charts),
    taintEffect: keep(word('NoSchedule', 'PreferNoSchedule', 'NoExecute'), ...charts),
    probesServerPort: probesPortRule,
    probesServerEndpoint: keep(text, ...charts),
    linuxUpdateStrategy: keep(strategy, 'imds-agent'),
    windowsUpdateStrategy: keep(strategy, 'imds-agent'),
    nodeSelectorTermsOs: drop('Every supported Kubernetes has `kubernetes.io/os`.'),
    nodeSelectorTermsArch: drop('The images are for every architecture that a node can have.'),
    // Of Helm itself, and of charts that have this one for a dependency.
    global: keep(parts, ...charts),
    enabled: drop('It is the condition of the chart that has this one for a dependency.'),
    tags: drop('They are the conditions of the chart that has this one for a dependency.'),
  }),
);
