import { settingRows } from '../src/rows/all.ts';
import { defaultText } from '../src/setting.ts';
import type { Program, Setting } from '../src/setting.ts';

const rows: readonly Setting[] = settingRows;

const introduction = `# Configuration

<!-- Made from the rows in libs/settings/src/rows by libs/settings/scripts/write-configuration.ts. Do not edit. -->

Every setting is a variable of the environment or a flag; a flag wins. An empty variable counts as unset, and an empty flag
gives the default back. Flags take one dash or two, and their value after a space or an equals sign
(\`--workers 20\`, \`-workers=20\`). The flag of a boolean may stand alone (\`--dry-run\`); with a value it needs the equals
sign (\`--dry-run=false\`). For true and false, 1, t, T, TRUE, True and 0, f, F, FALSE, False do as well.

A value that is not allowed stops the start with one message that lists every problem. The start logs the effective
configuration without secrets. Names that are deprecated work, with a warning, and so does a variable whose name is
nearly that of a setting: it is warned about, not guessed.

\`--help\` prints these tables, \`--version\` the version, and \`--check\` validates the configuration and the webhook
template and ends.

In the column *for*: A is imds-agent, Q is queue-processor. *New* settings do not exist in the Go handler.
`;

/** The whole of docs/configuration.md. */
export function configurationDocument(): string {
  const sections = [...Map.groupBy(rows, (row) => row.subject)].map(
    ([subject, group]) => `\n## ${subject}\n\n${markdownTable(group)}`,
  );
  return introduction + sections.join('');
}

const letters = { 'imds-agent': 'A', 'queue-processor': 'Q' } as const satisfies Record<Program, string>;

/** The settings as a Markdown table; A = imds-agent, Q = queue-processor. */
function markdownTable(rows: readonly Setting[]): string {
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
