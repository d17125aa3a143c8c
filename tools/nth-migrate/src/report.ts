import { needlessActions, policyDifference } from './iam.ts';
import type { Migration } from './migrate.ts';
import type { Rendering } from './render.ts';
import type { Account, Fate } from './rules/rule.ts';

/** What became of every value and why, what to ask, and what AWS has to allow, as Markdown for people. */
export function report(migration: Migration, renderings: readonly Rendering[] = []): string {
  const { replacement, accounts, unknown, notes, values } = migration;
  const other = replacement === 'imds-agent' ? 'queue-processor' : 'imds-agent';
  const mode = replacement === 'imds-agent' ? 'instance metadata, on every node' : 'the queue';
  const questions = accounts.filter(({ fate }) => fate === 'asked');
  return [
    '# From the Go handler to this one',
    '',
    `**${replacement}** does what the Go handler did with this file (${mode}). ${other}.values.yaml is there if you want that one too.`,
    ...section(
      'For you to answer',
      questions.map(({ value, why = '' }) => `- \`${value}\` was left out: ${why}`),
    ),
    ...section(
      'What is not known',
      unknown.map((name) => `- \`${name}\` was left out: a typo, or a value of a chart newer than this tool.`),
    ),
    ...section('Rendered', renderings.map(sentence)),
    ...section('Every value', accounts.length === 0 ? [] : table(accounts), 'The file says nothing: all defaults.'),
    ...(replacement === 'queue-processor' ? policy(values['queue-processor'].queueURL) : []),
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

function table(accounts: readonly Account[]): readonly string[] {
  const words: Readonly<Record<Fate, string>> = {
    kept: 'kept',
    renamed: 'renamed',
    changed: 'changed',
    dropped: 'dropped',
    asked: '**left out**',
  };
  return [
    '| value | what became of it | why |',
    '| --- | --- | --- |',
    ...accounts.map(({ value, fate, why = '' }) => `| \`${value}\` | ${words[fate]} | ${why.replaceAll('|', '\\|')} |`),
  ];
}

function sentence({ chart, outcome }: Rendering): string {
  switch (outcome.kind) {
    case 'rendered':
      return `- ${chart}: Helm makes ${outcome.objects} objects of its file.`;
    case 'refused':
      return `- ${chart}: **Helm refuses its file**: ${outcome.why}`;
    case 'not-tried':
      return `- ${chart}: not tried: ${outcome.why}`;
  }
}

function policy(queueURL: unknown): readonly string[] {
  return [
    '',
    '## The role in AWS',
    '',
    'Add this to the role before queue-processor starts:',
    '',
    '```json',
    JSON.stringify(policyDifference(queueURL), undefined, 2),
    '```',
    '',
    `Once the Go handler is gone, nothing needs ${needlessActions.map((action) => `\`${action}\``).join(' and ')}.`,
  ];
}
