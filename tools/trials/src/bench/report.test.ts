import { describe, expect, it } from 'vitest';
import { markdownTable } from '../report.ts';
import { amount, figureLines, median, quantile, whatMoved } from './figures.ts';
import { drawLines, latencyPicture, scalingPicture } from './pictures.ts';

describe('the table', () => {
  it('lines its columns up', () => {
    expect(
      markdownTable([
        ['a', 'long head'],
        ['longer', 'b'],
      ]),
    ).toBe(['| a      | long head |', '| ------ | --------- |', '| longer | b         |'].join('\n'));
  });

  it('puts both programs beside the target, and says by how much it is missed', () => {
    const [, line] = figureLines([{ id: 'x', title: 'x', unit: 'ms', ours: 300, baseline: 3_000, target: 200 }]);
    expect(line).toEqual(['x', '3.00 s', '300 ms', '10×', '200 ms', 'no, by 50 %']);
  });

  it('says of a baseline that was cut off that it is worse still', () => {
    const [, line] = figureLines([
      { id: 'x', title: 'x', unit: 'ms', ours: 1_000, baseline: 40_000, isBaselineCutOff: true, target: 1_000 },
    ]);
    expect(line).toEqual(['x', '> 40.00 s', '1.00 s', '> 40×', '1.00 s', 'yes']);
  });

  it('claims no ratio where there is nothing to divide by', () => {
    const [, line] = figureLines([{ id: 'x', title: 'x', unit: 'times', ours: 0, baseline: 7, target: 0 }]);
    expect(line).toEqual(['x', '7 times', '0 times', '', '0 times', 'yes']);
  });

  it('does not make a number of what never happened', () => {
    expect(amount(Infinity, 'ms')).toBe('never');
  });
});

describe('what moved', () => {
  const figure = { title: 'x', unit: 'ms' as const };

  it('is told as a ratio when it is more than the machine', () => {
    expect(
      whatMoved(
        [
          { ...figure, id: 'slower', ours: 200 },
          { ...figure, id: 'faster', ours: 50 },
          { ...figure, id: 'same', ours: 110 },
          { ...figure, id: 'new', ours: 1 },
        ],
        { slower: 100, faster: 100, same: 100 },
      ),
    ).toEqual(['slower: 2.00 times what it was, worse', 'faster: 0.50 times what it was, better']);
  });

  it('knows that more messages a second are better', () => {
    const [line] = whatMoved([{ id: 'rate', title: 'x', unit: 'messages/s', ours: 200 }], { rate: 100 });
    expect(line).toContain('better');
  });
});

describe('the pictures', () => {
  it('draw a line for each series', () => {
    const svg = latencyPicture({ ours: [100, 200, 150], baseline: [2_000, 3_000] });
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain('3 notices');
    expect(svg).not.toContain('NaN');
    expect(scalingPicture({ nodes: [1, 2], cordonedMs: [5, 9], completedMs: [50, 90] })).not.toContain('NaN');
  });

  it('count in round numbers', () => {
    const numbers = (svg: string) =>
      [...svg.matchAll(/text-anchor="(?:middle|end)">([^<]*)</g)].map(([, text]) => text);
    const samples = { nodes: [100, 1_000], cordonedMs: [1_000, 14_300], completedMs: [9_000, 190_000] };
    const scaling = numbers(scalingPicture(samples));
    expect(scaling).toEqual(['200', '400', '600', '800', '1,000', '0', '50', '100', '150', '200', 'nodes']);
    expect(numbers(latencyPicture({ ours: [100, 200], baseline: [2_000] }))).toContain('75 %');
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
