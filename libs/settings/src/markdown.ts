import { defaultText } from './setting.ts';
import type { Program, Setting } from './setting.ts';

const letters = { 'imds-agent': 'A', 'queue-processor': 'Q' } as const satisfies Record<Program, string>;

/** The settings as a Markdown table; A = imds-agent, Q = queue-processor. */
export function markdownTable(rows: readonly Setting[]): string {
  const lines = rows.map(
    (row) => `| ${[variable(row), flag(row), fallback(row), audience(row), meaning(row)].join(' | ')} |`,
  );
  return (
    ['| variable | flag | default | for | meaning |', '| --- | --- | --- | --- | --- |', ...lines].join('\n') + '\n'
  );
}

function variable(row: Setting): string {
  return `\`${row.name}\`${row.new ? ' (new)' : ''}`;
}

function flag(row: Setting): string {
  return row.flags.map((name) => `\`--${name}\``).join(', ');
}

function fallback(row: Setting): string {
  if (row.defaultText !== undefined) return cell(row.defaultText);
  const text = defaultText(row);
  return text === undefined ? '–' : `\`${cell(text)}\``;
}

function audience(row: Setting): string {
  return row.programs
    .map((program) => `${letters[program]}${row.required.includes(program) ? ' required' : ''}`)
    .join(', ');
}

function meaning(row: Setting): string {
  const others = row.alsoNamed.map((name) => `\`${name}\``).join(', ');
  const former = row.deprecated.map((name) => `\`${name}\``).join(', ');
  return cell(
    [
      row.description,
      `Must be ${row.type.allowed}.`,
      row.secret ? 'Never printed.' : '',
      others === '' ? '' : `Also read: ${others}.`,
      former === '' ? '' : `Formerly ${former} (deprecated).`,
    ]
      .filter((part) => part !== '')
      .join(' '),
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
