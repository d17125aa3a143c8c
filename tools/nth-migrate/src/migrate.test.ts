import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { readValues } from './read-values.ts';
import { report } from './report.ts';
import { changedRules } from './rules/changed.ts';
import { keptRules } from './rules/kept.ts';
import { oldValues } from './testing/old-values.ts';
import { charts } from './values.ts';
import { valuesFile } from './write-values.ts';

const schemas = Object.fromEntries(
  charts.map((chart) => {
    const file = new URL(`../../../apps/${chart}/chart/values.schema.json`, import.meta.url);
    return [chart, JSON.parse(readFileSync(file, 'utf8')) as { properties: Record<string, unknown> }];
  }),
);
const ajv = new Ajv({ allowUnionTypes: true });
const takes = Object.fromEntries(charts.map((chart) => [chart, ajv.compile(schemas[chart]!)]));

describe.each(Object.entries(oldValues))('the values of %s', (_, yaml) => {
  const migration = migrate(readValues(yaml));

  it.each(charts)('become a file that the chart of %s takes', (chart) => {
    expect(takes[chart]!(parse(valuesFile(migration, chart))), JSON.stringify(takes[chart]!.errors)).toBe(true);
  });

  it('are all known', () => {
    expect(migration.unknown).toEqual([]);
  });
});

describe('migrate', () => {
  it('finds the program that does what was done before', () => {
    expect(migrate({ enableSqsTerminationDraining: true }).replacement).toBe('queue-processor');
    expect(migrate({ enableSqsTerminationDraining: 'true' }).replacement).toBe('queue-processor');
    expect(migrate({ enableSqsTerminationDraining: false }).replacement).toBe('imds-agent');
    expect(migrate({}).replacement).toBe('imds-agent');
  });

  it('keeps values under their names, each where it means something', () => {
    const { values, changes } = migrate({ taintNode: true, workers: 20, metadataTries: 5, deleteLocalData: '' });
    expect(values).toEqual({
      'imds-agent': { taintNode: true, metadataTries: 5 },
      'queue-processor': { taintNode: true, workers: 20 },
    });
    expect(changes).toEqual([]);
  });

  it('makes booleans of texts that mean them', () => {
    expect(migrate({ dryRun: 'True', cordonOnly: 'false', webhookURL: 'https://true' }).values['imds-agent']).toEqual({
      dryRun: true,
      cordonOnly: false,
      webhookURL: 'https://true',
    });
  });

  it('knows former names', () => {
    const old = {
      checkASGTagBeforeDraining: false,
      managedAsgTag: 'a',
      gracePeriod: 30,
      kubernetesExtraEventsAnnotations: 'a=b',
    };
    const { values, changes } = migrate(old);
    expect(values['queue-processor']).toEqual({
      checkTagBeforeDraining: false,
      managedTag: 'a',
      podTerminationGracePeriod: 30,
      kubernetesEventsExtraAnnotations: 'a=b',
    });
    expect(changes.map(({ value }) => value)).toEqual(Object.keys(old));
  });

  it('lets the present name win over the former', () => {
    const { values, changes } = migrate({ gracePeriod: 30, podTerminationGracePeriod: 60 });
    expect(values['imds-agent']).toEqual({ podTerminationGracePeriod: 60 });
    expect(changes).toHaveLength(1);
  });

  it('never carries keys or the image over', () => {
    const old = {
      awsAccessKeyID: 'AKIA',
      awsSecretAccessKey: 'secret',
      image: { repository: 'r', tag: 't', pullPolicy: 'Always', pullSecrets: ['a'] },
    };
    const migration = migrate(old);
    expect(migration.values['imds-agent']).toEqual({ image: { pullPolicy: 'Always', pullSecrets: ['a'] } });
    expect(report(migration)).not.toContain('secret\n');
    expect(migration.changes).toHaveLength(3);
  });

  it('moves user and group to the pod, beside what stands there', () => {
    const podSecurityContext = { fsGroup: 1000 };
    const wanted = { podSecurityContext: { fsGroup: 1000, runAsUser: 1000, runAsGroup: 1000 } };
    const securityContext = { runAsUserID: 1000, runAsGroupID: 1000 };
    expect(
      migrate({ podSecurityContext, securityContext: { runAsUser: 1000, runAsGroup: 1000 } }).values['imds-agent'],
    ).toEqual(wanted);
    expect(migrate({ securityContext, podSecurityContext }).values['imds-agent']).toEqual(wanted);
  });

  it('does not take over a grace period that would cut drains short', () => {
    expect(migrate({ terminationGracePeriodSeconds: 30 }).values['queue-processor']).toEqual({});
    expect(migrate({ terminationGracePeriodSeconds: '90' }).values['queue-processor']).toEqual({
      terminationGracePeriodSeconds: 90,
    });
  });

  it('warns of a port that both handlers would hold on the host network', () => {
    const warns = (old: Record<string, unknown>) => migrate(old).changes.some(({ why }) => why.includes('Pending'));
    expect(warns({ prometheusServerPort: 9092 })).toBe(true);
    expect(warns({ prometheusServerPort: 9092, useHostNetwork: false })).toBe(false);
    expect(warns({ prometheusServerPort: 9092, enableSqsTerminationDraining: true })).toBe(false);
  });

  it('names what it does not know, and leaves it out', () => {
    const migration = migrate({ enableSpotInteruptionDraining: true, a: 1 });
    expect(migration.unknown).toEqual(['enableSpotInteruptionDraining', 'a']);
    expect(migration.values['imds-agent']).toEqual({});
    expect(report(migration)).toContain('`enableSpotInteruptionDraining` was left out');
  });
});

describe('the rules', () => {
  it('have one rule for each value', () => {
    expect([...keptRules.keys()].filter((name) => changedRules.has(name))).toEqual([]);
  });

  it.each([...keptRules])('keep %s only in charts that have it', (name, rule) => {
    const { to } = rule('x', name, { values: {}, replacement: 'imds-agent' });
    for (const chart of charts) if (to[chart] !== undefined) expect(schemas[chart]!.properties).toHaveProperty(name);
    // A value that a chart has and does not get would be lost in silence.
    for (const chart of charts)
      if (to[chart] === undefined) expect(schemas[chart]!.properties).not.toHaveProperty(name);
  });
});
