import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../program.ts';

/** One setting as the documentation has it. */
export interface SpecifiedSetting {
  readonly variable: string;
  readonly flags: readonly string[];
  readonly programs: readonly ('imds-agent' | 'queue-processor')[];
  readonly isNew: boolean;
  /** Former names that still work. */
  readonly deprecated: readonly string[];
}

/** Reads every setting from `docs/configuration.md`, which a test of the settings keeps the same as their schema. */
export function readSpecification(): readonly SpecifiedSetting[] {
  const text = readFileSync(path.join(root, 'docs/configuration.md'), 'utf8');
  return text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, variable]) => variable?.startsWith('`') === true)
    .map(([, variable = '', flags = '', , programs = '', meaning = '']) => ({
      variable: /`([^`]+)`/.exec(variable)?.[1] ?? '',
      flags: [...flags.matchAll(/`([^`]+)`/g)].map(([, flag = '']) => flag),
      programs: [
        ...(/\bA\b/.test(programs) ? (['imds-agent'] as const) : []),
        ...(/\bQ\b/.test(programs) ? (['queue-processor'] as const) : []),
      ],
      isNew: variable.includes('(new)'),
      deprecated: [...meaning.matchAll(/Formerly `([^`]+)`/g)].map(([, name = '']) => name),
    }));
}
