import { changedRules } from './rules/changed.ts';
import { keptRules } from './rules/kept.ts';
import type { Situation } from './rules/rule.ts';
import { charts, isUnset } from './values.ts';
import type { Chart, Values } from './values.ts';

/** One value that did not go over as it was. */
export interface Change {
  /** Its name in the Go handler's chart. */
  readonly value: string;
  /** What has become of it, and why. */
  readonly why: string;
}

/** What an old values file becomes. */
export interface Migration {
  /** The program that does what the Go handler did with the file; the other is there if you want it too. */
  readonly replacement: Chart;
  /** The values for each chart. */
  readonly values: Readonly<Record<Chart, Values>>;
  /** What changed, in the order of the file. */
  readonly changes: readonly Change[];
  /** Values that the Go handler's chart does not have either, as far as is known. They go nowhere: the new charts refuse what they don't know. */
  readonly unknown: readonly string[];
  /** What to know before the first install. */
  readonly notes: readonly string[];
}

/**
 * Turns values of the AWS Node Termination Handler's chart into values for the charts of this project. Nothing is lost in silence: what
 * does not go over as it is stands in `changes` or `unknown`.
 */
export function migrate(old: Values): Migration {
  const replacement: Chart = isTrue(old.enableSqsTerminationDraining) ? 'queue-processor' : 'imds-agent';
  const situation: Situation = { values: old, replacement };
  const values: Record<Chart, Record<string, unknown>> = { 'imds-agent': {}, 'queue-processor': {} };
  const changes: Change[] = [];
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(old)) {
    const rule = changedRules.get(name) ?? keptRules.get(name);
    if (rule === undefined) unknown.push(name);
    else if (!isUnset(value)) {
      const { to, change } = rule(value, name, situation);
      for (const chart of charts) Object.assign(values[chart], to[chart]);
      if (change !== undefined) changes.push({ value: name, why: change });
    }
  }
  return { replacement, values, changes, unknown, notes: notesFor(situation) };
}

function notesFor({ values, replacement }: Situation): readonly string[] {
  const notes: string[] = [];
  if (replacement === 'imds-agent') {
    if (isTrue(values.enablePrometheusServer) && isUnset(values.prometheusServerPort)) {
      notes.push(
        'Metrics of imds-agent are on port 9096, so that both handlers can run side by side on the host network; the Go handler had 9092. Set `prometheusServerPort` where a firewall or scrape configuration names the port.',
      );
    }
    if (isUnset(values.enableProbesServer)) {
      notes.push('Probes are on by default, on port 9097 of imds-agent; the Go handler had them off.');
    }
  } else if (isUnset(values.queueURL)) {
    notes.push('There is no `queueURL` in the file: give it with `--set queueURL=…`, as before.');
  }
  if (isUnset(values.resources)) {
    notes.push('Memory requests and limits are those measured for these programs; there is no processor limit.');
  }
  notes.push('Metrics have the same names; labels, taints and annotations on nodes are the same.');
  return notes;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
