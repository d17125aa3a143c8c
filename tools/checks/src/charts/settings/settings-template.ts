import type { Program } from '@node-termination-handler/settings';
import { programDefault } from './chart-defaults.ts';
import { chartSettings } from './value-names.ts';

/** The template that turns values into variables: one line for each setting, with the default that need not be written. */
export function settingsTemplate(program: Program): string {
  const lines = chartSettings(program).map((setting) => {
    const fallback = JSON.stringify(programDefault(setting));
    const { value, row } = setting;
    return `{{- include "${program}.variable" (list "${row.name}" .Values.${value} ${fallback}) }}`;
  });
  return [
    '{{- /* Generated from the rows of libs/settings by tools/checks: change them there. */ -}}',
    `{{- define "${program}.settings" -}}`,
    ...lines,
    '{{- end }}',
    '',
  ].join('\n');
}
