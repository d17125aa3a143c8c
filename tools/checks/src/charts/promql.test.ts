import { describe, expect, it } from 'vitest';
import { labelsOf, selectorsIn, unknownIn } from './promql.ts';

describe('selectorsIn', () => {
  it.each([
    ['up', ['up']],
    ['sum by (job, le) (rate(a_total{b="c_total{}",d=~"e|f"}[5m])) > 0', ['a_total']],
    ['histogram_quantile(0.9, sum by (le) (increase(x_bucket[1h]))) and on (job) y', ['x_bucket', 'y']],
    ['(changes(x[30m]) > 3)\nand on (job, instance) job:z:count{a="b"} offset 5m', ['x', 'job:z:count']],
    ['a - on (b) group_left () sum by (b) (c > bool 1)', ['a', 'c']],
    ['1 + 1', []],
  ])('finds the metrics in %s', (expr, names) => {
    expect(selectorsIn(expr).map(({ name }) => name)).toEqual(names);
  });

  it('reads what is asked of labels', () => {
    expect(selectorsIn('a{b="}",c!~"d|e"}')).toEqual([
      {
        name: 'a',
        matchers: [
          { label: 'b', operator: '=', value: '}' },
          { label: 'c', operator: '!~', value: 'd|e' },
        ],
      },
    ]);
  });
});

describe('unknownIn', () => {
  const known = { a: { ...labelsOf('open'), closed: new Set(['one', 'two']) } };

  it.each([
    ['sum by (cluster, closed) (a{job="x",open="y",closed=~"t.*|one"})', []],
    ['b', ['asks for b, which nobody has']],
    ['a{other="x"}', ['asks for the label other, which a has not']],
    ['a{closed!="three"}', ['asks for a with closed="three", which nobody has']],
    ['a{closed=~"one|three.*"}', ['asks for a with closed="three.*", which nobody has']],
    ['sum by (other) (a)', ['groups by other, which none of its series has']],
    ['1', ['asks for nothing: 1']],
  ])('%s', (expr, problems) => {
    expect(unknownIn(expr, known)).toEqual(problems);
  });
});
