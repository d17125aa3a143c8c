import { describe, expect, it } from 'vitest';
import { timeline, wholeReport } from '../testing/report.ts';
import { findingLines, nodeTable, paragraph } from './final-table.ts';
import { bar, frame } from './frame.ts';
import { createLiveView, createPlainLines } from './live-view.ts';

const plain = (text: string): string => text.replaceAll(/\u001B\[\d+m/g, '');

describe('the bar', () => {
  it('is as long as its share, to an eighth of a column', () => {
    expect([bar(0, 2), bar(0.5, 2), bar(1, 2), bar(1 / 16, 2), bar(7, 2)]).toEqual(['··', '█·', '██', '▏·', '██']);
  });
});

describe('a picture of the live view', () => {
  const { timelines, poison } = wholeReport();
  const scenery = { timelines, poison, now: 1_030_000, startedAt: 1_000_000 };
  const widths = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

  it('has a line for each node', () => {
    const lines = plain(frame(scenery, { rows: 60, columns: 80 })).split('\n');
    expect(lines).toHaveLength(2 + 22 + 1 + 1);
    expect(lines.at(-2)).toBe('a message that is no event: recognized as no event and deleted after 0.17 s');
    expect(lines.at(-1)).toBe('22 of 22 done');
    expect(lines[2]).toContain('drained ✓');
    expect(lines[4]).toContain('hook completed ✓');
  });

  it('never has more lines than the terminal, and drops nodes that are done first', () => {
    const waiting = timeline({ node: 'late', noticeAt: undefined, cordonedAt: undefined, drainedAt: undefined });
    const text = plain(frame({ ...scenery, timelines: [...timelines, waiting] }, { rows: 12, columns: 80 }));
    expect(text.split('\n').length).toBeLessThanOrEqual(12);
    expect(text).toContain('late');
    expect(text).toContain('not shown');
  });

  it('shows each stage', () => {
    const at = 1_002_000;
    const going = { drainedAt: undefined, podsLeft: 2 };
    const stages = [
      timeline({ ...going, cordonedAt: undefined }),
      timeline(going),
      timeline({ ...going, blocked: [{ from: 1_001_000, to: 1_003_000 }] }),
      timeline({ scene: 'lifecycle' }),
    ];
    const text = plain(frame({ ...scenery, timelines: stages, now: at }, { rows: 40, columns: 80 }));
    expect(widths(text)).toBeLessThanOrEqual(80);
    for (const word of ['notice', 'pods going', 'held by a budget', 'drained']) expect(text).toContain(word);
    expect(text).toContain(' 2/4');
  });

  it.each([80, 100, 200])(
    'is never wider than a terminal of %i columns, and no heading is off its column',
    (columns) => {
      const lines = plain(frame(scenery, { rows: 60, columns })).split('\n');
      expect(widths(lines.join('\n'))).toBeLessThanOrEqual(columns);
      const [, head = '', first = ''] = lines;
      expect(first.indexOf('·')).toBe(head.indexOf('pods left'));
      expect(/drained/.exec(first)?.index).toBeGreaterThan(head.indexOf('hook'));
    },
  );
});

describe('plain lines', () => {
  it('say each step once', () => {
    const lines = createPlainLines(1_000_000);
    const noticed = timeline({ scene: 'lifecycle', cordonedAt: undefined, drainedAt: undefined });
    const done = timeline({
      scene: 'lifecycle',
      hookCompletedAt: 1_004_050,
      blocked: [{ from: 1_000_200, to: 1_003_000 }],
    });
    expect(lines({ timelines: [noticed], poison: undefined, now: 1_000_010 })).toEqual([
      ' 0.01 s  ip-10-0-1-1.ec2.internal   lifecycle notice',
    ]);
    expect(lines({ timelines: [noticed], poison: undefined, now: 1_000_020 })).toEqual([]);
    expect(lines({ timelines: [done], poison: undefined, now: 1_004_100 }).map((line) => line.slice(36))).toEqual([
      'cordoned after 0.10 s',
      'drained of 4 pods after 4.0 s',
      'lifecycle hook completed after 4.0 s',
      'held by a disruption budget',
    ]);
    const poison = { sentAt: 1_003_000, receivedAt: undefined, deletedAt: undefined };
    expect(lines({ timelines: [done], poison, now: 1_004_200 })).toEqual([
      '  4.2 s  a message that is no event waits in the queue',
    ]);
    expect(lines({ timelines: [done], poison, now: 1_004_300 })).toEqual([]);
  });

  it('are what a log gets instead of a picture', () => {
    const written: string[] = [];
    const output = { isTTY: false, write: (text: string) => written.push(text) };
    const view = createLiveView(output as unknown as NodeJS.WriteStream, Date.now());
    view.show([timeline()], undefined);
    view.end();
    expect(written).toHaveLength(3);
  });
});

describe('the end', () => {
  it('is a table with a line for each node and one for each claim', () => {
    const { timelines, findings } = wholeReport();
    expect(plain(nodeTable(timelines)).split('\n')).toHaveLength(1 + 22 + 2);
    expect(plain(nodeTable([timeline({ cordonedAt: undefined, drainedAt: undefined })]))).toContain('–');
    const failed = { claim: 'x', holds: false, evidence: 'not: '.padEnd(150, 'y ') };
    const lines = plain(findingLines([...findings, failed])).split('\n');
    expect(lines).toHaveLength(2 + 1 + 2);
    expect(lines[0]).toMatch(/^✓ every node is drained +22 of 22$/);
  });

  it('fits a terminal of 80 columns', () => {
    const { timelines, findings } = wholeReport();
    const failed = { claim: 'x', holds: false, evidence: 'not: '.padEnd(150, 'y ') };
    const text = [nodeTable(timelines), findingLines([...findings, failed]), paragraph('word '.repeat(40))];
    for (const line of plain(text.join('\n')).split('\n')) expect(line.trimEnd().length).toBeLessThanOrEqual(80);
  });
});
