import type { Program } from '@node-termination-handler/settings';
import { chartDefault, chartSettings, programDefault } from './chart-settings.ts';
import type { ChartSetting } from './chart-settings.ts';

const begin = '# >>> settings of the program: generated from the rows of libs/settings, change them there';
const end = '# <<< settings of the program';

/**
 * A chart's `values.yaml` with its generated part made anew; the rest stays as it is.
 *
 * @throws Error when its markers are missing.
 */
export function withSettings(valuesYaml: string, program: Program): string {
  const from = valuesYaml.indexOf(begin);
  const to = valuesYaml.indexOf(end);
  if (from === -1 || to < from) throw new Error(`values.yaml needs the lines\n${begin}\n${end}`);
  return `${valuesYaml.slice(0, from)}${begin}\n${block(program)}${valuesYaml.slice(to)}`;
}

function block(program: Program): string {
  let subject = '';
  let text = '';
  for (const setting of chartSettings(program)) {
    if (setting.row.subject !== subject) text += `\n# --- ${setting.row.subject} ---\n`;
    subject = setting.row.subject;
    text += `\n${entry(program, setting)}`;
  }
  return `${text}\n`;
}

function entry(program: Program, setting: ChartSetting): string {
  const { row, value } = setting;
  const own = chartDefault(program, value);
  const unset = row.defaultText === undefined ? '' : ` Unset: ${row.defaultText}.`;
  const comment = `${row.name}: ${row.description} Must be ${row.type.allowed}.${unset}${own === undefined ? '' : ` ${own.why}`}`;
  return `${wrapped(comment)}${value}: ${own === undefined ? scalar(programDefault(setting)) : String(own.value)}\n`;
}

/** Numbers and booleans stand bare, as people write them. */
function scalar(text: string): string {
  return /^(true|false|-?\d+)$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

function wrapped(text: string): string {
  let lines = '';
  let line = '#';
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length > 118) {
      lines += `${line}\n`;
      line = '#';
    }
    line += ` ${word}`;
  }
  return `${lines}${line}\n`;
}
