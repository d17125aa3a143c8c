import { loadImdsAgentSettings, loadQueueProcessorSettings } from '@node-termination-handler/settings';
import type { ChartCase } from '../chart/cases.ts';
import type { ProgramStart } from '../chart/environment.ts';
import { programStarts } from '../chart/environment.ts';
import { manifestsOf } from '../chart/manifests.ts';
import type { Check } from './check.ts';
import { CheckFailure } from './check.ts';

/** The program starts with the arguments and variables that the chart gives it, and has nothing to warn of. */
export const programAccepts: Check = {
  name: 'the program takes the rendered environment',
  needsGo: true,
  run({ rendered }) {
    let count = 0;
    for (const [chartCase, yaml] of rendered) {
      for (const start of programStarts(manifestsOf(yaml))) {
        judge(chartCase, start);
        count++;
      }
    }
    return Promise.resolve(`${count} containers`);
  },
};

function judge({ program, name }: ChartCase, { args, env }: ProgramStart): void {
  const load = program === 'imds-agent' ? loadImdsAgentSettings : loadQueueProcessorSettings;
  const parsed = load({ argv: args, env });
  const complaints = !parsed.ok
    ? [parsed.message]
    : 'warnings' in parsed
      ? parsed.warnings
      : [`it would ${parsed.mode}`];
  if (complaints.length > 0) throw new CheckFailure(`${program}, ${name}: ${complaints.join('; ')}`);
}
