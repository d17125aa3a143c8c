import { defineSetting } from '../setting.ts';
import { boolean } from '../types/boolean.ts';
import { choice, numberChoice } from '../types/choice.ts';

const subject = 'Logs';
const both = ['imds-agent', 'queue-processor'] as const;

/** How this program writes its log. */
export const loggingRows = [
  defineSetting({
    name: 'JSON_LOGGING',
    type: boolean(),
    default: false,
    programs: both,
    subject,
    description: 'Write lines of JSON in place of lines for people.',
  }),
  defineSetting({
    name: 'LOG_LEVEL',
    type: choice('info', 'debug', 'error'),
    default: 'info',
    programs: both,
    subject,
    description: 'The least severe lines to write.',
  }),
  defineSetting({
    name: 'LOG_FORMAT_VERSION',
    type: numberChoice(1, 2),
    default: 1,
    programs: both,
    subject,
    description: 'The field names of some lines: `event_type` (1) or `monitor_type` and `monitor` (2).',
  }),
] as const;
