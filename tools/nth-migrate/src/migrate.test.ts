import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import type { MigrationOptions } from './migrate.ts';
import { findValues } from './read/find-values.ts';
import type { FoundValues } from './read/find-values.ts';
import { findTerraformValues } from './read/terraform.ts';
import { report } from './report.ts';
import { chartSizes } from './rules/resources.ts';
import type { Fate } from './rules/rule.ts';
import { charts, isValues } from './values.ts';
import type { Chart, Values } from './values.ts';
import { valuesFile } from './write-values.ts';

const ofChart = (chart: Chart, file: string) =>
  readFileSync(new URL(`../../../apps/${chart}/chart/${file}`, import.meta.url), 'utf8');
const ajv = new Ajv({ allowUnionTypes: true, strictTypes: false });
const takes = Object.fromEntries(
  charts.map((chart) => [chart, ajv.compile(JSON.parse(ofChart(chart, 'values.schema.json')) as object)]),
);

const folder = new URL('../test/files/', import.meta.url);
const files = readdirSync(folder);
const found = async (file: string): Promise<FoundValues> => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  return file.endsWith('.tf') ? findTerraformValues(text) : findValues(text);
};
const goHandler = parse(
  readFileSync(new URL('../../checks/charts/go-handler-values.yaml', import.meta.url), 'utf8'),
) as Values;

describe.each(files)('%s', (file) => {
  it.each(charts)('becomes a file that the chart of %s takes, and every value has its account', async (chart) => {
    const { values } = await found(file);
    const migration = migrate(values);
    expect(migration.unknown).toEqual([]);
    expect(takes[chart]!(parse(valuesFile(migration, chart))), JSON.stringify(takes[chart]!.errors)).toBe(true);
    for (const name of Object.keys(values)) {
      expect(migration.accounts.some(({ value }) => value === name || value.startsWith(`${name}.`))).toBe(true);
    }
    for (const { fate, why } of migration.accounts) if (fate !== 'kept') expect(why).toMatch(/\.$/);
  });
});

it('there are fifty files of the kinds that people have', () => {
  expect(files).toHaveLength(50);
});

describe('the official values, all written out', () => {
  it.each(['imds-agent', 'queue-processor'] as const)(
    'are all known and taken where they are for %s',
    (replacement) => {
      const values = { ...goHandler, enableSqsTerminationDraining: replacement === 'queue-processor' };
      const migration = migrate(values);
      expect(migration.replacement).toBe(replacement);
      expect(migration.unknown).toEqual([]);
      expect(migration.accounts.filter(({ fate }) => fate === 'asked')).toEqual([]);
      expect(report(migration)).not.toMatch(/not known|unknown/);
      for (const chart of charts) {
        expect(takes[chart]!(parse(valuesFile(migration, chart))), JSON.stringify(takes[chart]!.errors)).toBe(true);
      }
    },
  );
});

/** What one value becomes in the chart that replaces the Go handler, and how its account tells of it. */
function becomes(old: Values, options?: MigrationOptions): { values: Values; fates: Readonly<Record<string, Fate>> } {
  const { values, replacement, accounts } = migrate(old, options);
  return {
    values: values[replacement],
    fates: Object.fromEntries(accounts.map(({ value, fate }) => [value, fate])),
  };
}
const queue = { enableSqsTerminationDraining: true };

describe('P13', () => {
  it('pull secrets as Kubernetes writes them are names', () => {
    const { values, fates } = becomes({ image: { pullSecrets: [{ name: 'a' }, 'b'] } });
    expect(values).toEqual({ image: { pullSecrets: ['a', 'b'] } });
    expect(fates).toEqual({ 'image.pullSecrets': 'changed' });
  });

  it('a memory limit that the program does not fit in is left to the chart', () => {
    const resources = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '128Mi' } };
    expect(becomes({ ...queue, resources }).values).toEqual({ resources: { requests: resources.requests } });
    expect(becomes({ resources }).values).toEqual({ resources });
    expect(becomes({ resources: { limits: { memory: '24Mi' }, requests: { memory: '24Mi' } } }).values).toEqual({
      resources: { requests: { memory: '24Mi' } },
    });
  });

  it('no request is above its limit, the chart’s own included', () => {
    expect(becomes({ ...queue, resources: { requests: { memory: '1Gi' } } }).values).toEqual({
      resources: { requests: { memory: '384Mi' } },
    });
    expect(becomes({ resources: { limits: { cpu: '5m' } } }).values).toEqual({
      resources: { limits: { cpu: '5m' }, requests: { cpu: '5m' } },
    });
  });

  it('dnsConfig and the policies of each system are kept', () => {
    const dns = {
      dnsConfig: { nameservers: ['10.0.0.10'] },
      linuxDnsPolicy: 'ClusterFirst',
      windowsDnsPolicy: 'Default',
    };
    expect(becomes(dns)).toEqual({
      values: dns,
      fates: { dnsConfig: 'kept', linuxDnsPolicy: 'kept', windowsDnsPolicy: 'kept' },
    });
  });

  it('a service account of an own name is not made twice, unless it is handed over', () => {
    const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/nth' };
    const serviceAccount = { create: true, name: 'nth-sa', annotations };
    expect(becomes({ serviceAccount }).values).toEqual({ serviceAccount: { annotations } });
    const kept = { serviceAccount: { create: false, name: 'nth-sa' } };
    expect(becomes({ serviceAccount }, { keepServiceAccount: true }).values).toEqual(kept);
    expect(becomes({ serviceAccount: { create: false, name: 'nth-sa' } }).values).toEqual(kept);
    expect(becomes({ dryRun: true }, { keepServiceAccount: true }).values).toEqual({
      dryRun: true,
      serviceAccount: { create: false, name: 'aws-node-termination-handler' },
    });
  });

  it('selectors on the old name are rewritten, those of other pods and of nodes are not', () => {
    const term = (labelSelector: unknown) => ({ labelSelector, topologyKey: 'kubernetes.io/hostname' });
    const old = {
      matchLabels: {
        'app.kubernetes.io/name': 'aws-node-termination-handler',
        'app.kubernetes.io/component': 'deployment',
        team: 'a',
      },
    };
    const other = { matchLabels: { 'app.kubernetes.io/name': 'coredns', 'app.kubernetes.io/component': 'dns' } };
    const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ matchLabels: { 'k8s-app': 'x' } }] };
    const affinity = {
      nodeAffinity,
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(old), term(other)] },
    };
    expect(becomes({ ...queue, affinity }).values).toEqual({
      affinity: {
        nodeAffinity,
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            term({ matchLabels: { 'app.kubernetes.io/name': 'queue-processor', team: 'a' } }),
            term(other),
          ],
        },
      },
    });
    const byExpression = {
      matchExpressions: [
        { key: 'k8s-app', operator: 'In', values: ['aws-node-termination-handler'] },
        { key: 'team', operator: 'Exists' },
      ],
    };
    expect(becomes({ daemonsetAffinity: { podAntiAffinity: [term(byExpression)] } }).values).toEqual({
      daemonsetAffinity: {
        podAntiAffinity: [
          term({
            matchLabels: { 'app.kubernetes.io/name': 'imds-agent' },
            matchExpressions: [{ key: 'team', operator: 'Exists' }],
          }),
        ],
      },
    });
  });

  it('an uptime file is the system’s own, and Windows has none', () => {
    expect(becomes({ procUptimeFile: '/proc/uptime', targetNodeOs: 'windows' })).toEqual({
      values: { targetNodeOs: 'windows' },
      fates: { procUptimeFile: 'dropped', targetNodeOs: 'kept' },
    });
    expect(becomes({ procUptimeFile: '/host/uptime', targetNodeOs: 'Linux,Windows' }).fates).toEqual({
      procUptimeFile: 'changed',
      targetNodeOs: 'changed',
    });
  });

  it('numbers out of bounds are the nearest that means the same', () => {
    const old = { metadataTries: 0, podTerminationGracePeriod: -7, nodeTerminationGracePeriod: 0 };
    expect(becomes(old).values).toEqual({
      metadataTries: 1,
      podTerminationGracePeriod: -1,
      nodeTerminationGracePeriod: 1,
    });
    expect(becomes({ ...queue, heartbeatInterval: '10', workers: 'many' })).toEqual({
      values: { heartbeatInterval: 30 },
      fates: { enableSqsTerminationDraining: 'dropped', heartbeatInterval: 'changed', workers: 'asked' },
    });
  });
});

describe('migrate', () => {
  it('finds the program that does what was done before', () => {
    expect(migrate({ enableSqsTerminationDraining: 'True' }).replacement).toBe('queue-processor');
    expect(migrate({ enableSqsTerminationDraining: false }).replacement).toBe('imds-agent');
    expect(migrate({}).replacement).toBe('imds-agent');
  });

  it('keeps values under their names, each where it means something', () => {
    expect(migrate({ taintNode: true, workers: 20, metadataTries: 5, deleteLocalData: '' }).values).toEqual({
      'imds-agent': { taintNode: true, metadataTries: 5 },
      'queue-processor': { taintNode: true, workers: 20 },
    });
  });

  it('asks what a text means that is no boolean, number, word or address', () => {
    const old = { dryRun: 'yes', logLevel: 'warn', webhookURL: 'hooks.example.com', dnsPolicy: 'None', replicas: 1.5 };
    expect(becomes(old).fates).toEqual({
      dryRun: 'asked',
      logLevel: 'asked',
      webhookURL: 'asked',
      dnsPolicy: 'kept',
      replicas: 'asked',
    });
  });

  it('lets the present name win over the former', () => {
    expect(becomes({ gracePeriod: 30, podTerminationGracePeriod: 60 }).values).toEqual({
      podTerminationGracePeriod: 60,
    });
    expect(becomes({ ...queue, checkTagBeforeDraining: true, checkASGTagBeforeDraining: false }).values).toEqual({
      checkTagBeforeDraining: true,
    });
    expect(becomes({ ...queue, checkASGTagBeforeDraining: 'False', managedAsgTag: 'a' }).values).toEqual({
      checkTagBeforeDraining: false,
      managedTag: 'a',
    });
  });

  it('says what a managed tag with a value means (A17)', () => {
    for (const name of ['managedTag', 'managedAsgTag']) {
      const { values, accounts } = migrate({ ...queue, [name]: 'team/managed=yes' });
      expect(values['queue-processor']).toMatchObject({ managedTag: 'team/managed=yes' });
      expect(accounts.find(({ value }) => value === name)?.why).toContain(
        'It means the key "team/managed" with the value "yes"; the Go handler looked for a key of that whole text.',
      );
    }
    expect(becomes({ ...queue, managedTag: 'team/managed' }).fates).toMatchObject({ managedTag: 'kept' });
  });

  it('never carries keys over, nor names that two releases would share', () => {
    const migration = migrate({ awsAccessKeyID: 'AKIA', awsSecretAccessKey: 'secret', fullnameOverride: 'nth' });
    expect(migration.values['imds-agent']).toEqual({});
    expect(report(migration)).not.toContain('AKIA');
  });

  it('moves user and group to the pod, beside what stands there', () => {
    const podSecurityContext = { fsGroup: 1000 };
    const wanted = { podSecurityContext: { fsGroup: 1000, runAsUser: 1000, runAsGroup: 1000 } };
    const securityContext = { runAsUserID: 1000, runAsGroupID: 1000 };
    expect(becomes({ podSecurityContext, securityContext: { runAsUser: 1000, runAsGroup: 1000 } }).values).toEqual(
      wanted,
    );
    expect(becomes({ securityContext, podSecurityContext }).values).toEqual(wanted);
  });

  it('places DaemonSets where the old chart did: a system’s own selector replaced the others', () => {
    expect(becomes({ nodeSelector: { a: 'b' }, daemonsetNodeSelector: { c: 'd' } }).values).toEqual({
      daemonsetNodeSelector: { a: 'b' },
    });
    expect(becomes({ daemonsetNodeSelector: { a: 'b' }, windowsNodeSelector: { c: 'd' } }).values).toEqual({
      linuxNodeSelector: { a: 'b' },
      windowsNodeSelector: { c: 'd' },
    });
    const tolerations = [{ operator: 'Exists' }];
    expect(migrate({ ...queue, tolerations, daemonsetTolerations: [] }).values).toEqual({
      'imds-agent': {},
      'queue-processor': { tolerations },
    });
  });

  it('holds no port on the host network that the old pods hold', () => {
    const ports = {
      prometheusServerPort: 9393,
      probes: { httpGet: { path: '/live', port: 8080 }, periodSeconds: '5' },
    };
    expect(becomes(ports)).toEqual({
      values: { probesServerEndpoint: '/live', probes: { periodSeconds: 5 } },
      fates: {
        prometheusServerPort: 'asked',
        'probes.periodSeconds': 'kept',
        'probes.httpGet.path': 'changed',
        'probes.httpGet.port': 'dropped',
      },
    });
    expect(becomes({ ...ports, useHostNetwork: 'false' }).values).toMatchObject({
      prometheusServerPort: 9393,
      probesServerPort: 8080,
    });
  });

  it('makes no monitor, budget or template that the old chart did not make', () => {
    expect(becomes({ podMonitor: { create: true } }).values).toEqual({ podMonitor: { create: false } });
    expect(becomes({ ...queue, podDisruptionBudget: { minAvailable: 1 } }).values).toEqual({});
    expect(becomes({ webhookTemplateConfigMapKey: 'a' }).fates).toEqual({ webhookTemplateConfigMapKey: 'asked' });
    expect(becomes({ webhookURL: 'https://a', webhookURLSecretName: 'b' }).values).toEqual({
      webhookURLSecretName: 'b',
    });
  });

  it('names what it does not know, and leaves it out', () => {
    const migration = migrate({ enableSpotInteruptionDraining: true, a: 1, 'x-b': {}, '.c': { d: 1 } });
    expect(migration.unknown).toEqual(['enableSpotInteruptionDraining', 'a']);
    expect(migration.values['imds-agent']).toEqual({});
    expect(report(migration)).toContain('`enableSpotInteruptionDraining` was left out');
  });
});

it.each(charts)('what %s asks for is known', (chart) => {
  const { resources, nodeOptions } = parse(ofChart(chart, 'values.yaml')) as Values & { nodeOptions: string };
  const { leastMemoryMiB, requests, limits } = chartSizes[chart];
  expect(isValues(resources) && resources).toEqual({ requests, limits });
  expect(nodeOptions).toBe(`--max-old-space-size=${leastMemoryMiB - 48}`);
});
