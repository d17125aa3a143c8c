import { readFileSync } from 'node:fs';
import { exposedSeries } from '@node-termination-handler/checks';
import { describe, expect, it } from 'vitest';
import { alertsFileOf, seriesOf } from './alerts.ts';
import { choicesOf, readPage, rowOf, untruths } from './page.ts';
import { SITUATIONS } from './situations.ts';
import { compare, isExplained } from './told.ts';
import { samplesOf } from './witness.ts';
import type { Seen } from './witness.ts';

const rows = readPage();

describe('the table of docs/troubleshooting.md', () => {
  it('has a row for each situation, in their order', () => {
    const played = SITUATIONS.map(({ name, program }) => [name, program]);
    expect(rows.map(({ situation, program }) => [situation, program])).toEqual(played);
  });

  it.each(rows)('$situation: names a line, a metric and an alert that there are', async (row) => {
    const [, level, message = ''] = /^\[(\w+)\]\(logs\.md#\1\) \*(.+?)\*/.exec(row['the first line']) ?? [];
    expect(['warn', 'error']).toContain(level);
    // A start that ends by wrong settings says so before there is a log.
    if (!row['`/readyz`'].startsWith('exit code')) expect(isExplained(message), message).toBe(true);
    const metric = /^`(\w+)/.exec(row.metric)?.[1];
    if (metric !== undefined) expect(Object.keys(await exposedSeries())).toContain(metric);
    const alert = /^\[(\w+)\]/.exec(row.alert)?.[1];
    const program = SITUATIONS.find(({ name }) => name === row.situation)!.program;
    if (alert !== undefined)
      expect(readFileSync(alertsFileOf(program), 'utf8')).toContain(`- alert: NodeTerminationHandler${alert}\n`);
    const over = /^\*(.+)\*$/.exec(row['when it is over'])?.[1];
    if (over !== undefined) expect(isExplained(over), over).toBe(true);
  });
});

const well: Seen = {
  lines: [
    { level: 'info', message: 'stopped' },
    {
      level: 'warn',
      message: 'the uptime of the host cannot be read: a reboot is known by the boot id of the node alone',
    },
  ],
  samples: new Map([
    ['nth_messages_total{outcome="handled"}', [0, 1]],
    ['nth_messages_total{outcome="failed"}', [0]],
    ['nth_ready', [0, 1]],
  ]),
  events: [{ type: 'Normal', reason: 'Cordon' }],
  readiness: { status: 200, missing: [] },
  secondsUntil: [1, 2],
  ended: undefined,
};
const failing = {
  level: 'warn',
  message: 'There was a problem monitoring for events',
  error: 'http://127.0.0.1:80/1/q is not there',
};
const wrong: Seen = {
  ...well,
  lines: [...well.lines, failing],
  samples: new Map([...well.samples, ['nth_messages_total{outcome="failed"}', [0, 2]], ['nth_ready', [0, 1, 0]]]),
  events: [...well.events, { type: 'Warning', reason: 'CordonError' }],
  readiness: { status: 503, missing: ['queue 1', 'queue 2'] },
  secondsUntil: [1, 2, 7.5],
};
const after: Seen = {
  ...wrong,
  lines: [...wrong.lines, { level: 'info', message: 'monitoring for events works again' }],
};

describe('what a situation shows', () => {
  const told = compare({ wrong, after }, { wrong: well, after: well });

  it('is what a program does not show when nothing is wrong', () => {
    expect(told).toEqual({
      bad: [failing],
      afterSeconds: 7.5,
      readiness: wrong.readiness,
      ended: undefined,
      moved: ['nth_messages_total{outcome="failed"}', 'nth_ready 0'],
      events: [{ type: 'Warning', reason: 'CordonError' }],
      over: [{ level: 'info', message: 'monitoring for events works again' }],
    });
  });

  const situation = { name: 'a', program: 'queue-processor', begin: () => ({}) } as const;

  it('is a row, and a row that says another thing is seen', () => {
    const choices = choicesOf(situation, told, ['NodeTerminationHandlerMessagesFailing']);
    const row = rowOf(choices);
    expect(row).toEqual({
      situation: 'a',
      program: 'queue-processor',
      'the first line': '[warn](logs.md#warn) *There was a problem monitoring for events*: QUEUE_URL is not there',
      '`/readyz`': '503: queue',
      metric: '`nth_messages_total{outcome="failed"}`',
      event: 'Warning *CordonError*',
      alert: '[MessagesFailing](alerts.md#nodeterminationhandlermessagesfailing)',
      'when it is over': '*monitoring for events works again*',
    });
    expect(untruths(row, choices)).toEqual([]);
    expect(untruths({ ...row, alert: '–' }, choices)).toEqual([
      'alert says "–", and was "[MessagesFailing](alerts.md#nodeterminationhandlermessagesfailing)"',
    ]);
    expect(untruths({ ...row, alert: '–' }, choicesOf(situation, told, undefined))).toEqual([]);
  });
});

describe('what Prometheus gets', () => {
  it('is each sample as it began, then as it was in the end, and a counter that rose again goes on', () => {
    const samples = new Map(
      [...samplesOf('# TYPE a counter\na_total{x="y"} 0\nb 3\n')].map(([name, value]) => [name, [value]]),
    );
    expect(seriesOf({ samples: samples.set('a_total{x="y"}', [0, 1, 2]) }, 'imds-agent')).toEqual([
      { series: 'up{job="imds-agent",namespace="kube-system",instance="a"}', values: '1x60' },
      { series: 'a_total{x="y",job="imds-agent",namespace="kube-system",instance="a"}', values: '0x4 2+1x60' },
      { series: 'b{job="imds-agent",namespace="kube-system",instance="a"}', values: '3x4 3+0x60' },
    ]);
  });
});
