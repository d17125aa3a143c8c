export { describeEffective } from './describe.ts';
export type { Mode } from './flags.ts';
export { helpText } from './help.ts';
export { checkImdsAgent, checkQueueProcessor, loadImdsAgentSettings, loadQueueProcessorSettings } from './load.ts';
export type { ImdsAgentSettings, QueueProcessorSettings, SharedSettings } from './load.ts';
export { parseSettings } from './parse.ts';
export type { CrossCheck, Given, ParsedSettings, SettingsInput } from './parse.ts';
export { settingRows } from './rows/all.ts';
export { settingsAbout } from './setting.ts';
export type { CamelCase, Program, Setting, SettingRow, SettingsOf, SettingType } from './setting.ts';
export { boolean, choice, choices, numberChoice } from './types/choice.ts';
export { hookNames, isNamedBy } from './types/globs.ts';
export { annotations, headers, tag } from './types/key-values.ts';
export type { WantedTag } from './types/key-values.ts';
export {
  integer,
  integerAutoOrUnset,
  integerOrUnset,
  parseDurationSeconds,
  positiveNumber,
  wordOrDuration,
} from './types/numbers.ts';
export type { Range } from './types/numbers.ts';
export { environmentProxyUrl, host, line, proxyUrl, url, urlPath, verbatim, withoutCredentials } from './types/text.ts';
