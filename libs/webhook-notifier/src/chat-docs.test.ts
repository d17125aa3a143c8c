import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderNotification } from './template.ts';
import { emptyNotification, fullNotification } from './testing/full-notification.ts';

const markdown = await readFile(path.resolve(import.meta.dirname, '../../../docs/chat.md'), 'utf8');

/** The templates of the page, each with the line that it begins in. */
const templates = [...markdown.matchAll(/^webhookTemplate: \|-\n((?: {2}.*\n)+)/gm)].map(
  ([, indented = ''], index) => ({
    number: index + 1,
    template: indented.replaceAll(/^ {2}/gm, ''),
  }),
);

describe('templates of docs/chat.md', () => {
  it('are there', () => {
    expect(templates.length).toBeGreaterThanOrEqual(2);
  });

  it.each(templates)('number $number is JSON, whatever the fields hold', async ({ template }) => {
    for (const notification of [fullNotification, emptyNotification]) {
      const body = await renderNotification(template, notification);
      expect(() => JSON.parse(body) as unknown, body).not.toThrow();
    }
    expect(await renderNotification(template, fullNotification)).toContain(fullNotification.event.nodeName);
  });
});
