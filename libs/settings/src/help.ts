import { defaultText } from './setting.ts';
import type { Program, Setting } from './setting.ts';

const width = 100;
const indent = ' '.repeat(8);

/** What `--help` prints: every setting of the program, from the rows that parse it. */
export function helpText(rows: readonly Setting[], program: Program): string {
  const own = rows.filter(({ programs }) => programs.includes(program));
  const lines = [
    `Usage: ${program} [--help | --version | --check] [flags]`,
    '',
    ...wrap(
      'Each setting is a variable of the environment or a flag; a flag wins. An empty variable counts as unset.',
      '',
    ),
    '',
    '  --help, -h   print this text',
    '  --version    print the version',
    '  --check      check the configuration and the webhook template, then end',
  ];
  for (const [subject, group] of Map.groupBy(own, (row) => row.subject)) {
    lines.push('', `${subject}:`);
    for (const row of group) lines.push(...describe(row, program));
  }
  return `${lines.join('\n')}\n`;
}

function describe(row: Setting, program: Program): string[] {
  const fallback = row.required.includes(program) ? 'required' : `default: ${defaultText(row) ?? 'none'}`;
  const others = row.alsoNamed.length > 0 ? ` Also read: ${row.alsoNamed.join(', ')}.` : '';
  const former = row.deprecated.length > 0 ? ` Formerly ${row.deprecated.join(', ')}.` : '';
  return [
    `  ${row.name}  --${row.flags.join(', --')}  (${fallback})`,
    ...wrap(`${row.description} Must be ${row.type.allowed}.${others}${former}`, indent),
  ];
}

function wrap(text: string, prefix: string): string[] {
  const lines: string[] = [];
  let line = prefix;
  for (const word of text.split(' ')) {
    const longer = line === prefix ? `${line}${word}` : `${line} ${word}`;
    if (longer.length > width && line !== prefix) {
      lines.push(line);
      line = `${prefix}${word}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
