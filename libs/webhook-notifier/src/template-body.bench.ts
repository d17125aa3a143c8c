import { systemClock } from '@node-termination-handler/clock';
import { test } from 'vitest';
import { defaultBody } from './default-body.ts';
import { compileBody } from './template-body.ts';
import { aNotification } from './testing/notification.ts';

const notification = aNotification();
const SHORT = '{"text":"{{ .Kind }} on {{ .NodeName }}"}';
const LONG = '{{ range (until 100) }}{{ $.Kind | lower | quote }} {{ $.StartTime.Format "15:04" }} {{ . }}\n{{ end }}';

test('rendering a body', async ({ bench }) => {
  const short = await compileBody(SHORT, { clock: systemClock });
  const long = await compileBody(LONG, { clock: systemClock });
  await bench.compare(
    bench('the default body', () => void defaultBody(notification)),
    bench('a short template', () => void short.render(notification)),
    bench('a loop of a hundred lines with pipelines', () => void long.render(notification)),
  );
});

test('parsing a template', async ({ bench }) => {
  await bench('a short template', async () => {
    await compileBody(SHORT, { clock: systemClock });
  }).run();
});

test('many bodies: the cost grows with their number', async ({ bench }) => {
  const short = await compileBody(SHORT, { clock: systemClock });
  const render = (count: number) => () => {
    for (let index = 0; index < count; index += 1) short.render(notification);
  };
  await bench.compare(bench('100', render(100)), bench('1,000', render(1_000)), bench('10,000', render(10_000)));
});
