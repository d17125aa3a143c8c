import { describe, expect, it } from 'vitest';
import { expose, negotiate, openMetricsFormat, textFormat } from './exposition.ts';
import type { Family } from './exposition.ts';

describe('negotiate', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['text/html', false],
    ['text/plain;version=0.0.4', false],
    ['application/openmetrics-text', true],
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', true],
    ['application/openmetrics-text; version=0.0.1', false],
    ['text/plain;q=0.9,application/openmetrics-text;q=0.2', false],
    ['application/openmetrics-text;q=0', false],
    ['application/openmetrics-text;q=nonsense', false],
    // What Prometheus sends: https://github.com/prometheus/prometheus/blob/main/scrape/scrape.go
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      true,
    ],
  ])('reads %s', (accept, openMetrics) => {
    expect(negotiate(accept).openMetrics).toBe(openMetrics);
  });
});

describe('expose', () => {
  const family = (over: Record<string, unknown>): Family =>
    ({ name: 'x', help: 'Help', type: 'gauge', values: [], aggregator: 'sum', ...over }) as unknown as Family;

  it('escapes help and label values', () => {
    const families = [family({ help: 'a\n"b"\\', values: [{ labels: { l: 'c\n"d"\\' }, value: 1 }] })];
    expect(expose(families, textFormat)).toBe('# HELP x a\\n"b"\\\\\n# TYPE x gauge\nx{l="c\\n\\"d\\"\\\\"} 1\n');
    expect(expose(families, openMetricsFormat)).toContain('# HELP x a\\n\\"b\\"\\\\\n');
  });

  it('writes infinities and numbers as Prometheus reads them', () => {
    const values = [Infinity, -Infinity, 1e21, 0.5].map((value) => ({ labels: {}, value }));
    expect(expose([family({ values })], textFormat)).toContain('\nx +Inf\nx -Inf\nx 1e+21\nx 0.5\n');
    expect(expose([family({ values: [{ labels: { le: 0.5 }, value: 1 }] })], openMetricsFormat)).toContain('le="0.5"');
    expect(expose([family({ values: [{ labels: { l: undefined }, value: 1 }] })], textFormat)).toContain('x{l=""} 1');
  });
});
