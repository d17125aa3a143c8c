import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the example of the README runs', { timeout: 30_000 }, () => {
  const root = new URL('..', import.meta.url);
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(new URL('README.md', root), 'utf8')) ?? [];
  const conditions = ['-C', '@node-termination-handler/source', '--input-type=module-typescript'];
  const { stderr } = spawnSync(process.execPath, [...conditions, '-e', example], { cwd: root, encoding: 'utf8' });
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toMatchObject([
    { level: 'info', event_type: 'SPOT_ITN_MONITOR', message: 'Started monitoring for events', name: 'imds-agent' },
    { 'event-id': 'spot-itn-1', 'node-name': 'ip-10-0-0-1', durationSeconds: 0.2 },
    { level: 'warn', error: 'cannot post to <redacted>', message: 'The webhook failed' },
  ]);
});
