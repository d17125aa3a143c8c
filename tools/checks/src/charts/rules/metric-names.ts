import { createMetrics } from '@node-termination-handler/metrics';

/** The names of the series that the programs expose: of a histogram its buckets, sum and count. */
export async function exposedSeries(): Promise<ReadonlySet<string>> {
  using metrics = createMetrics();
  const { body } = await metrics.scrape();
  const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
    ),
  );
}

/** The names of series in a query: what stands before a selector, is no function, label or keyword. */
export function seriesIn(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '{}')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, '');
  const words = [...bare.matchAll(/[a-zA-Z_:][\w:]*/g)];
  return words
    .filter(({ 0: word, index }) => !/^\s*\(/.test(bare.slice(index + word.length)) && !keywords.has(word))
    .map(({ 0: word }) => word);
}

const keywords = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);
