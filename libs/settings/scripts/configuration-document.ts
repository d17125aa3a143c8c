import { markdownTable } from '../src/markdown.ts';
import { settingRows } from '../src/rows/all.ts';
import type { Setting } from '../src/setting.ts';

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
