import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../program.ts';
import { readSpecification } from './testing/specification.ts';

interface Row {
  readonly section: string;
  readonly subject: string;
  readonly verdict: string;
  readonly how: string;
  readonly shownBy: string;
}

function readRows(): readonly Row[] {
  const lines = readFileSync(path.join(root, 'docs/compatibility.md'), 'utf8').split('\n');
  let section = '';
  return lines.flatMap((line) => {
    section = /^## (.*)/.exec(line)?.[1] ?? section;
    if (!line.startsWith('| ') || line.startsWith('| ---') || line.includes('| here |')) return [];
    const [, subject = '', verdict = '', how = '', shownBy = ''] = line.split('|').map((cell) => cell.trim());
    return [{ section, subject, verdict, how, shownBy }];
  });
}

/** The tests that a cell names, by file. */
function namedTests(shownBy: string): readonly { readonly file: string; readonly names: readonly string[] }[] {
  return shownBy.split('; ').map((part) => ({
    file: /^`([^`]+)`/.exec(part)?.[1] ?? '',
    names: [...part.matchAll(/“([^”]+)”/g)].map(([, name = '']) => name),
  }));
}

const rows = readRows();
const subjects = (section: string): string =>
  rows
    .filter((row) => row.section === section)
    .map(({ subject }) => subject)
    .join(' ');

describe('docs/compatibility.md', () => {
  it('has no empty cell, and one of three words for each subject', () => {
    expect(rows.length).toBeGreaterThan(150);
    for (const row of rows) {
      expect(['same', 'better', 'not'], row.subject).toContain(row.verdict);
      for (const cell of Object.values(row)) expect(cell, JSON.stringify(row)).not.toBe('');
    }
  });

  it('names tests that are there', () => {
    for (const { subject, shownBy } of rows) {
      for (const { file, names } of namedTests(shownBy)) {
        expect(file, subject).toMatch(/\.test\.ts$/);
        expect(existsSync(path.join(root, file)), `${subject}: ${file}`).toBe(true);
        const text = readFileSync(path.join(root, file), 'utf8');
        expect(names.length, subject).toBeGreaterThan(0);
        for (const name of names) expect(text.includes(`'${name}'`), `${subject}: ${file} has “${name}”`).toBe(true);
      }
    }
  });

  it('has a row for every setting that is not new, deprecated names included, and for no other', () => {
    const named = rows
      .filter(({ section }) => section === 'Settings')
      .map(({ subject }) => subject.replaceAll('`', ''));
    const expected = readSpecification()
      .filter(({ isNew }) => !isNew)
      .flatMap(({ variable, deprecated }) => [variable, ...deprecated]);
    expect(named.toSorted()).toEqual(expected.toSorted());
  });

  it.each([
    ['Events', ['Spot', 'Scheduled', 'Rebalance', 'state change', 'Termination', 'Launch', 'Target lifecycle state']],
    ['Labels and annotations of nodes', ['event-id', 'action', 'action-time', 'exclude-from-external-load-balancers']],
    [
      'Taints',
      ['spot-itn', 'scheduled-maintenance', 'asg-lifecycle-termination', 'rebalance-recommendation', 'out-of-service'],
    ],
    [
      'Metrics',
      ['actions_total', 'actions_node_total', 'events_error_total', 'nth_tagged_nodes', 'nth_tagged_instances'],
    ],
    [
      'Kubernetes events',
      [
        ...['SpotInterruption', 'ScheduledEvent', 'RebalanceRecommendation', 'StateChange', 'ASGLifecycle'],
        ...['Cordon', 'CordonAndDrain', 'Uncordon', 'PreDrain', 'PostDrain', 'CancelDrain'].flatMap((reason) => [
          `\`${reason}\``,
          `\`${reason}Error\``,
        ]),
        ...['MonitorError', 'PodEviction', 'account-id', 'availability-zone', 'instance-id', 'instance-life-cycle'],
        ...['instance-type', 'local-hostname', 'local-ipv4', 'public-hostname', 'public-ipv4', 'region'],
      ],
    ],
    [
      'Webhook',
      [
        ...['EventID', 'Kind', 'Monitor', 'Description', 'State', 'AutoScalingGroupName', 'NodeName', 'NodeLabels'],
        ...['Pods', 'InstanceID', 'ProviderID', 'InstanceType', 'IsManaged', 'StartTime', 'EndTime', 'NodeProcessed'],
        ...['InProgress', 'AccountId', 'InstanceLifeCycle', 'PublicHostname', 'PublicIP', 'LocalHostname', 'LocalIP'],
        ...['AvailabilityZone', 'Region'],
      ].map((field) => `\`.${field}\``),
    ],
  ])('has a row for everything under %s that the specification names', (section, words) => {
    for (const word of words) expect(subjects(section)).toContain(word);
  });
});
