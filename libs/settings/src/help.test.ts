import { describe, expect, it } from 'vitest';
import { helpText } from './help.ts';
import { settingRows } from './rows/all.ts';
import type { Setting } from './setting.ts';

const rows: readonly Setting[] = settingRows;

describe.each(['imds-agent', 'queue-processor'] as const)('the help of %s', (program) => {
  const text = helpText(settingRows, program);

  it('names each of its settings, with its flags, and no other', () => {
    for (const row of rows) {
      const line = `  ${row.name}  --${row.flags.join(', --')}  (`;
      if (row.programs.includes(program)) expect(text).toContain(line);
      else expect(text).not.toContain(line);
    }
  });

  it('fits a terminal', () => {
    const prose = text.split('\n').filter((line) => !line.includes('  --') && line !== '');
    for (const line of prose) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});

it('shows what is required, the default, what is allowed and the former name', () => {
  const text = helpText(settingRows, 'imds-agent');
  expect(text).toContain('NODE_NAME  --node-name  (required)');
  expect(helpText(settingRows, 'queue-processor')).toContain('NODE_NAME  --node-name  (default: none)');
  expect(text).toContain(
    'INSTANCE_METADATA_URL  --metadata-url, --instance-metadata-url  (default: http://169.254.169.254)',
  );
  expect(text.replaceAll(/\s+/g, ' ')).toContain('Must be one of info, debug, error.');
  expect(text).toContain('Formerly GRACE_PERIOD.');
});
