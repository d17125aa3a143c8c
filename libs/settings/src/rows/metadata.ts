import { settingsAbout } from '../setting.ts';
import { integer } from '../types/numbers.ts';
import { line, url } from '../types/text.ts';

const agentSetting = settingsAbout('Instance metadata', 'imds-agent');

/** How the agent reads the instance metadata service. */
export const metadataRows = [
  agentSetting({
    name: 'INSTANCE_METADATA_URL',
    flags: ['metadata-url'],
    type: url(),
    default: 'http://169.254.169.254',
    description: 'The address of the instance metadata service; `http://[fd00:ec2::254]` over IPv6.',
  }),
  agentSetting({
    name: 'METADATA_TRIES',
    type: integer({ min: 1, max: 100 }),
    default: 3,
    description: 'How often a metadata request is tried before it counts as failed.',
  }),
  agentSetting({
    name: 'METADATA_POLL_INTERVAL_MS',
    type: integer({ min: 50, max: 60_000 }),
    default: 300,
    new: true,
    description: 'Milliseconds between two looks at the most urgent document.',
  }),
  agentSetting({
    name: 'UPTIME_FROM_FILE',
    type: line('the path of a file'),
    defaultText: '`/proc/uptime`',
    description: 'A file to read the uptime of the host from, in the format of `/proc/uptime`.',
  }),
] as const;
