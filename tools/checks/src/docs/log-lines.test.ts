import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../workspace.ts';
import { linesOf, logLines } from './log-lines.ts';
import { explainedIn, explainerOf, LOG_PAGE, pageWith } from './log-page.ts';

const page = await readFile(path.join(root, LOG_PAGE), 'utf8');

describe('docs/logs.md', () => {
  it('has every line that the programs can write, and no other', async () => {
    const { lines, unread } = await logLines();
    expect(unread, 'messages that no rule reads').toEqual([]);
    expect(lines.length).toBeGreaterThan(100);
    expect(page, 'run: node -C @node-termination-handler/source tools/checks/src/docs/log-lines.ts').toBe(
      pageWith(lines, page),
    );
  });

  it('says of each what it means, and what to do', () => {
    const silent = explainedIn(page).filter(({ means, toDo }) => means.trim() === '' || toDo.trim() === '');
    expect(silent.map(({ text }) => text)).toEqual([]);
  });

  it('explains lines as they are written, and no others', () => {
    const explained = explainerOf(page);
    const rowOf = (message: string) => explained(message)?.text;
    expect(rowOf('the Lease kube-system/nth can be used again')).toBe('the Lease …/… can be used again');
    expect(rowOf('the drain takes longer than 120 s and goes on; no budget is broken for that')).toMatch(
      /than … s and/,
    );
    expect(rowOf('Node successfully cordoned')).toBe('Node successfully cordoned');
    expect(rowOf('Node successfully cordoned!')).toBeUndefined();
  });
});

describe('the lines of a file', () => {
  const read = (source: string, file = 'libs/runtime/src/a.ts') => linesOf(file, source);

  it.each([
    ["log.warn({ a }, 'lost')", ['warn lost']],
    ["parts.log.info('well')", ['info well']],
    ["log?.('debug', 'again', { a })", ['debug again']],
    ["log[isTold ? 'debug' : 'info']({}, isLate ? 'late' : 'broken')", ['info late', 'info broken']],
    ["log.error({}, `${what} of ${a ? 'one' : 'two'}`)", ['error … of one', 'error … of two']],
    [
      "const failing = 'one'; f(failing); const x = () => { const failing = 'two'; log.info({}, failing); }",
      ['info two'],
    ],
    ["createLastingFailure({ level: 'error', failing: 'down', over: 'up' })", ['error down', 'info up']],
    ["function say(a) { if (a) return 'yes'; return 'no'; } log.info(f, say(1))", ['info yes', 'info no']],
    ["const T = { a: 'one', b: 'two' }; log.info(f, T[kind])", ['info one', 'info two']],
    ["dialog.open('x'); catalog.info('y')", []],
  ])('%s', (source, expected) => {
    const { lines, unread } = read(source);
    expect([lines.map(({ level, text }) => `${level} ${text}`), unread]).toEqual([expected, []]);
  });

  it('keep level and message together where both hang on one condition', () => {
    const source = "const step = { level: a ? 'warn' : 'debug', message: a ? 'lost' : 'counted' };";
    const { lines } = read(source, 'libs/runtime/src/telling/steps.ts');
    expect(lines.map(({ level, text }) => `${level} ${text}`)).toEqual(['warn lost', 'debug counted']);
  });

  it('are asked for where no rule reads them', () => {
    expect(read('log.warn({}, describe(error, now))').unread).toEqual(['libs/runtime/src/a.ts: describe(error, now)']);
  });
});
