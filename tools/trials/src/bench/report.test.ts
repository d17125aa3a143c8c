import { describe, expect, it } from 'vitest';
import { fillIn, markdownTable } from '../report.ts';
import { figure } from './bench.ts';
import { amount, committable, figureLines, median, quantile, ratioLines, whatGotWorse } from './figures.ts';
import { curvePicture, drawLines, latencyPicture } from './pictures.ts';

describe('the table', () => {
  it('lines its columns up', () => {
    expect(
      markdownTable([
        ['a', 'long head'],
        ['longer', 'b'],
      ]),
    ).toBe(['| a      | long head |', '| ------ | --------- |', '| longer | b         |'].join('\n'));
  });

  it('puts ours beside the floor, and judges the ratio by the worst repetition', () => {
    const beside = { floor: [1_000, 1_000, 2_000], target: 1.2, elsewhere: '17 s' };
    const [, line] = figureLines([figure('x', 'x', 'ms', [1_100, 1_500, 2_100], beside)]);
    expect(line).toEqual(['x', '1.00 s', '1.50 s', '1.10× (1.05–1.50)', '1.2×', 'no, by 25 %', '17 s']);
  });

  it('judges ours by itself where its own target is the one to reach', () => {
    const [, line] = figureLines([figure('x', 'x', 'ms', [1.25, 1.5], { floor: [1, 1], ownTarget: 1.3 })]);
    expect(line).toEqual(['x', '1 ms', '1.25 ms', '1.25× (1.25–1.50)', '1.30 ms', 'no, by 15 %', '']);
  });

  it('judges a count by itself where the floor has none', () => {
    const [, zero, memory] = figureLines([
      figure('x', 'x', 'times', 0, { target: 0 }),
      figure('y', 'y', 'MiB', 77, { target: 70 }),
    ]);
    expect(zero).toEqual(['x', '', '0 times', '', '0 times', 'yes', '']);
    expect(memory).toEqual(['y', '', '77.0 MiB', '', '70.0 MiB', 'no, by 10 %', '']);
  });

  it('is put into the page at its place, and into no other', () => {
    const page = 'a\n<!-- table: one -->\n\nold\n\n<!-- end -->\nb\n<!-- table: two -->\n<!-- end -->\n';
    const tables = new Map([['one', '| new |']]);
    expect(fillIn(page, tables)).toBe(page.replace('old', '| new |'));
    expect(fillIn(page, new Map([['three', '| new |']]))).toBe(page);
  });

  it('has no times for the page, but ratios and counts', () => {
    const figures = [
      figure('a', 'a', 'ms', 100, { floor: [50], target: 1.2, elsewhere: '17 s' }),
      figure('b', 'b', 'requests', 13.5),
      figure('c', 'c', 'ms', 100),
    ];
    expect(ratioLines(figures)).toEqual([
      ['work', 'ratio to the floor, or count', 'target', 'reached', 'incumbent, elsewhere'],
      ['a', '2.00×', '1.2×', 'no, by 67 %', '17 s'],
      ['b', '13.50', '', '', ''],
    ]);
  });

  it('does not make a number of what never happened', () => {
    expect(amount(Infinity, 'ms')).toBe('never');
  });
});

describe('what is committed', () => {
  it('is ratios and counts with their spread, and no times', () => {
    expect(
      committable([
        figure('ratio', 'x', 'ms', [100, 130], { floor: [100, 100] }),
        figure('count', 'x', 'requests', 13.5),
        figure('time', 'x', 'ms', 100),
        figure('rate', 'x', 'messages/s', 100),
      ]),
    ).toEqual({ ratio: { value: 1, spread: 0.3 }, count: { value: 13.5, spread: null } });
  });
});

describe('the guard', () => {
  const committed = { x: { value: 2, spread: 0.1 } };
  const worse = (ours: readonly number[], unit: 'requests' | 'messages/s' = 'requests') =>
    whatGotWorse(
      [figure('x', 'title', unit, ours, unit === 'requests' ? {} : { floor: ours.map(() => 1) })],
      committed,
    );

  it('names what got worse by more than repetitions lie apart', () => {
    expect(worse([2.3, 2.3])).toEqual(['x (title): 2.3, was 2, may be 2.2']);
    expect(worse([2.15, 2.15])).toEqual([]);
  });

  it('is more lenient where this run lies further apart, and with a single measurement', () => {
    expect(worse([2, 2.3, 2.9])).toEqual([]);
    expect(worse([2.4])).toEqual([]);
    expect(worse([2.6])).toHaveLength(1);
  });

  it('knows that more messages a second are better', () => {
    expect(worse([3, 3], 'messages/s')).toEqual([]);
    expect(worse([1.5, 1.5], 'messages/s')).toHaveLength(1);
  });

  it('lets nothing grow from zero, and says nothing of figures that are new', () => {
    expect(whatGotWorse([figure('z', 'z', 'times', [1, 1])], { z: { value: 0, spread: 0 } })).toHaveLength(1);
    expect(whatGotWorse([figure('new', 'z', 'times', 1)], committed)).toEqual([]);
  });
});

describe('the pictures', () => {
  it('draw a line for each series', () => {
    const svg = latencyPicture({ ours: [100, 200, 150], floor: [90, 110] });
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain('3 notices');
    expect(svg).not.toContain('NaN');
  });

  it('count in round numbers', () => {
    const numbers = (svg: string) =>
      [...svg.matchAll(/text-anchor="(?:middle|end)">([^<]*)</g)].map(([, text]) => text);
    const points = [
      [100, 9],
      [1_000, 190],
    ] as const;
    const line = drawLines({
      title: '',
      xTitle: '',
      yTitle: '',
      isLogarithmic: false,
      series: [{ name: 'x', points }],
    });
    expect(numbers(line)).toEqual(['200', '400', '600', '800', '1,000', '0', '50', '100', '150', '200', '']);
    expect(numbers(latencyPicture({ ours: [100, 200], floor: [90] }))).toContain('75 %');
  });

  it('show what is adaptive as a dashed line beside each curve', () => {
    const svg = curvePicture([
      {
        name: 'near',
        points: [
          [1, 200],
          [32, 100],
        ],
        oursMs: 150,
      },
    ]);
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(1);
  });

  it('write names as text', () => {
    const svg = drawLines({
      title: 'a < b & c',
      xTitle: '',
      yTitle: '',
      isLogarithmic: false,
      series: [{ name: 'x', points: [[1, 1]] }],
    });
    expect(svg).toContain('a &lt; b &amp; c');
  });
});

it('takes the sample of the nearest rank', () => {
  const samples = [5, 1, 4, 2, 3];
  expect(median(samples)).toBe(3);
  expect(quantile(samples, 0.99)).toBe(5);
  expect(quantile(samples, 0)).toBe(1);
  expect(samples).toEqual([5, 1, 4, 2, 3]);
});

it('knows nothing without samples', () => {
  expect(median([])).toBeNaN();
});
