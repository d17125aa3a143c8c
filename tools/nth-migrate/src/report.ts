import type { Migration } from './migrate.ts';

/** What changed and why, as Markdown for people. */
export function report({ replacement, changes, unknown, notes }: Migration): string {
  const other = replacement === 'imds-agent' ? 'queue-processor' : 'imds-agent';
  const mode = replacement === 'imds-agent' ? 'instance metadata, on every node' : 'the queue';
  return [
    '# From the Go handler to this one',
    '',
    `**${replacement}** does what the Go handler did with this file (${mode}). ${other}.values.yaml is there if you want that one too.`,
    ...section(
      'What changed',
      changes.map(({ value, why }) => `- \`${value}\`: ${why}`),
      'Every value goes over as it is.',
    ),
    ...section(
      'What is not known',
      unknown.map((name) => `- \`${name}\` was left out: a typo, or a value of a chart newer than this tool.`),
    ),
    ...section(
      'Worth knowing',
      notes.map((note) => `- ${note}`),
    ),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[], otherwise?: string): readonly string[] {
  if (lines.length === 0 && otherwise === undefined) return [];
  return ['', `## ${title}`, '', ...(lines.length === 0 ? [otherwise ?? ''] : lines)];
}
