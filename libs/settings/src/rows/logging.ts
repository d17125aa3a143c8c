import { settingsAbout } from '../setting.ts';
import { boolean, choice, numberChoice } from '../types/choice.ts';

const setting = settingsAbout('Logs', 'imds-agent', 'queue-processor');

/** How this program writes its log. */
export const loggingRows = [
  setting({
    name: 'JSON_LOGGING',
    type: boolean(),
    default: false,
    description: 'Write lines of JSON in place of lines for people: the same as `LOG_FORMAT=json`.',
  }),
  setting({
    name: 'LOG_FORMAT',
    type: choice('pretty', 'json', 'logfmt'),
    defaultText: '`json` with `JSON_LOGGING`, else `pretty`',
    new: true,
    description: 'How lines are written: for people, as JSON, or as `name=value` (logfmt).',
  }),
  setting({
    name: 'LOG_LEVEL',
    type: choice('info', 'debug', 'error'),
    default: 'info',
    description: 'The least severe lines to write.',
  }),
  setting({
    name: 'LOG_FORMAT_VERSION',
    type: numberChoice(1, 2),
    default: 1,
    description: 'The field names of some lines: `event_type` (1) or `monitor_type` and `monitor` (2).',
  }),
] as const;
