import { checkImdsAgent, checkQueueProcessor } from './cross-checks.ts';
import type { ImdsAgentSettings, QueueProcessorSettings } from './cross-checks.ts';
import { parseSettings } from './parse.ts';
import type { ParsedSettings, SettingsInput } from './parse.ts';
import { settingRows } from './rows/all.ts';
import type { Program } from './setting.ts';

type Input = Omit<SettingsInput<Program>, 'program'>;

/** The settings of imds-agent, from every row that concerns it, with the rules over several settings applied. */
export function loadImdsAgentSettings({ argv, env }: Input): ParsedSettings<ImdsAgentSettings> {
  return parseSettings(settingRows, { argv, env, program: 'imds-agent' }, checkImdsAgent);
}

/** The settings of queue-processor, from every row that concerns it, with the rules over several settings applied. */
export function loadQueueProcessorSettings({ argv, env }: Input): ParsedSettings<QueueProcessorSettings> {
  return parseSettings(settingRows, { argv, env, program: 'queue-processor' }, checkQueueProcessor);
}
