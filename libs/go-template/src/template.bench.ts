import { test } from 'vitest';
import { parseTemplate, sprigFunctions } from './index.ts';

const funcs = sprigFunctions();
const SMALL = '{"text":"{{ .kind }} on {{ .name }}"}';
const ROWS = '{{ range .rows }}{{ .name }}: {{ .note }}\n{{ end }}';
const FORMATTED = '{{ range .rows }}{{ .name | upper | quote }} {{ printf "%8.2f" .price }}\n{{ end }}';

const event = { kind: 'ALERT', name: 'db-1' };
const rows = Array.from({ length: 100 }, (_row, index) => ({
  name: `item ${index}`,
  note: `n${index}`,
  price: index * 1.5 + 0.25,
}));

test('parsing', async ({ bench }) => {
  const beside = JSON.stringify({ rows });
  await bench.compare(
    bench('JSON.parse of 5 KB', () => void JSON.parse(beside)),
    bench('a small template', () => void parseTemplate(SMALL, { funcs })),
    bench(
      'a template of a hundred actions',
      () => void parseTemplate('{{ .name | upper | quote }}\n'.repeat(100), { funcs }),
    ),
  );
});

const literal = ({ kind, name }: typeof event): string => `{"text":"${kind} on ${name}"}`;

test('a small template', async ({ bench }) => {
  const template = parseTemplate(SMALL, { funcs });
  await bench.compare(
    bench('a template literal', () => literal(event)),
    bench('JSON.stringify', () => void JSON.stringify({ text: `${event.kind} on ${event.name}` })),
    bench('execute', () => void template.execute(event)),
  );
});

test('a hundred rows', async ({ bench }) => {
  const plain = parseTemplate(ROWS, { funcs });
  const formatted = parseTemplate(FORMATTED, { funcs });
  await bench.compare(
    bench('JSON.stringify', () => void JSON.stringify({ rows })),
    bench('template literals', () => void rows.map(({ name, note }) => `${name}: ${note}\n`).join('')),
    bench('execute: two fields a row', () => void plain.execute({ rows })),
    bench('execute: upper, quote and printf a row', () => void formatted.execute({ rows })),
  );
});
