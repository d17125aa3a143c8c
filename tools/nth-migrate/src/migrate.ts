import { rules } from './rules/index.ts';
import type { Account, Fate, Situation } from './rules/rule.ts';
import { charts, isOff, isOn, isUnset, isValues, withoutNulls } from './values.ts';
import type { Chart, Values } from './values.ts';

/** What an old values file becomes. */
export interface Migration {
  /** The program that does what the Go handler did with the file; the other is there if you want it too. */
  readonly replacement: Chart;
  /** The values for each chart. */
  readonly values: Readonly<Record<Chart, Values>>;
  /** What has become of every value, in the order of the file; one with parts has an account for each of them. */
  readonly accounts: readonly Account[];
  /** Values that the Go handler's chart does not have either, as far as is known. They go nowhere: the new charts refuse what they don't know. */
  readonly unknown: readonly string[];
  /** What to know before the first install. */
  readonly notes: readonly string[];
}

/** How to migrate. */
export interface MigrationOptions {
  /** The new release uses the service account that the old one made, in place of one of its own. Default: false. */
  readonly keepServiceAccount?: boolean;
}

/**
 * Turns values of the AWS Node Termination Handler's chart into values for the charts of this project. Nothing is lost in silence: each
 * value has its account, and the charts take what comes out.
 */
export function migrate(old: Values, { keepServiceAccount = false }: MigrationOptions = {}): Migration {
  const given = withoutNulls(old);
  const values = withServiceAccount(isValues(given) ? given : {}, keepServiceAccount);
  const situation = situationOf(values, keepServiceAccount);
  const result: Record<Chart, Record<string, unknown>> = { 'imds-agent': {}, 'queue-processor': {} };
  const accounts: Account[] = [];
  const unknown: string[] = [];
  for (const name of new Set([...Object.keys(old), ...Object.keys(values)])) {
    const rule = rules.get(name);
    if (rule === undefined && !isAnchor(name)) unknown.push(name);
    else if (isUnset(values[name]))
      accounts.push({ value: name, fate: 'kept', why: 'It is empty, and means the default.' });
    else if (rule === undefined)
      accounts.push({ value: name, fate: 'dropped', why: 'It holds what YAML anchors name.' });
    else {
      const { to, accounts: own } = rule.apply(values[name], name, situation);
      for (const chart of charts) Object.assign(result[chart], to[chart]);
      accounts.push(...own);
    }
  }
  return { replacement: situation.replacement, values: result, accounts, unknown, notes: notesFor(situation) };
}

/** What becomes of one value as a rule. */
export interface ValueRule {
  readonly value: string;
  readonly fate: Fate;
  /** In words; empty where there is nothing to say. */
  readonly about: string;
}

/** Every value of the Go handler's chart, and of older ones, that is known, and what becomes of it. */
export function valueRules(): readonly ValueRule[] {
  return [...rules].map(([value, { fate, about }]) => ({ value, fate, about }));
}

/** An account that is to be kept may be one that the file says nothing of. */
function withServiceAccount(values: Values, isKept: boolean): Values {
  return isKept && isUnset(values.serviceAccount) ? { ...values, serviceAccount: { create: true } } : values;
}

/** Keys that people keep beside a chart's values, for YAML anchors. */
function isAnchor(name: string): boolean {
  return /^(x-|[._])/.test(name);
}

function situationOf(values: Values, keepsServiceAccount: boolean): Situation {
  const named = String(isUnset(values.targetNodeOs) ? 'linux' : values.targetNodeOs).toLowerCase();
  return {
    values,
    replacement: isOn(values.enableSqsTerminationDraining) ? 'queue-processor' : 'imds-agent',
    systems: (['linux', 'windows'] as const).filter((system) => named.includes(system)),
    keepsServiceAccount,
  };
}

function notesFor({ values, replacement }: Situation): readonly string[] {
  const notes: string[] = [];
  if (replacement === 'imds-agent') {
    if (isOn(values.enablePrometheusServer) && !isOff(values.useHostNetwork)) {
      notes.push(
        'Metrics of imds-agent are on port 9096 of the node; the Go handler had 9092. Open it where a firewall or scrape configuration names the port.',
      );
    }
    if (isUnset(values.enableProbesServer)) {
      notes.push('Probes are on by default, on port 9097 of imds-agent; the Go handler had them off.');
    }
  } else {
    if (isUnset(values.queueURL))
      notes.push('There is no `queueURL` in the file: give it with `--set queueURL=…`, as before.');
    if (isUnset(values.workers))
      notes.push('Up to 100 drains run at once; the Go handler had ten. A drain that only waits takes no place.');
  }
  if (isUnset(values.resources)) {
    notes.push('Memory requests and limits are those measured for these programs; there is no processor limit.');
  }
  notes.push(
    'Pods are selected by other labels. Dashboards, NetworkPolicies, PodDisruptionBudgets and alerts of yours that select `app.kubernetes.io/name: aws-node-termination-handler` or `k8s-app: aws-node-termination-handler` need `app.kubernetes.io/name: ' +
      `${replacement}\`.`,
  );
  notes.push('Metrics have the same names; labels, taints and annotations on nodes are the same.');
  return notes;
}
