import { defineSetting } from '../setting.ts';
import { integer } from '../types/numbers.ts';
import { line } from '../types/text.ts';
import { url } from '../types/url.ts';

const subject = 'Instance metadata';
const agent = ['imds-agent'] as const;

/** How the agent reads the instance metadata service. */
export const metadataRows = [
  defineSetting({
    name: 'INSTANCE_METADATA_URL',
    flags: ['metadata-url'],
    type: url(),
    default: 'http://169.254.169.254',
    programs: agent,
    subject,
    description: 'The address of the instance metadata service; `http://[fd00:ec2::254]` over IPv6.',
  }),
  defineSetting({
    name: 'METADATA_TRIES',
    type: integer({ min: 1, max: 100 }),
    default: 3,
    programs: agent,
    subject,
    description: 'How often a metadata request is tried before it counts as failed.',
  }),
  defineSetting({
    name: 'METADATA_POLL_INTERVAL_MS',
    type: integer({ min: 50, max: 60_000 }),
    default: 300,
    programs: agent,
    new: true,
    subject,
    description: 'Milliseconds between two looks at the most urgent document.',
  }),
  defineSetting({
    name: 'UPTIME_FROM_FILE',
    type: line('the path of a file'),
    programs: agent,
    defaultText: '`/proc/uptime`',
    subject,
    description: 'A file to read the uptime of the host from, in the format of `/proc/uptime`.',
  }),
] as const;
