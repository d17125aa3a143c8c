/// <reference lib="dom" />
import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeReport } from '../testing/report.ts';
import { renderPage } from './page.ts';

const results = path.resolve(import.meta.dirname, '../../results');

async function findChromium(): Promise<string | undefined> {
  const given = process.env.PLAYWRIGHT_CHROMIUM;
  const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  for (const candidate of given === undefined ? candidates : [given, ...candidates]) {
    const isThere = await access(candidate).then(
      () => true,
      () => false,
    );
    if (isThere) return candidate;
  }
  return undefined;
}

const executablePath = await findChromium();
if (executablePath === undefined) {
  console.warn(
    'No Chromium on this machine: the page is not opened in a browser (set PLAYWRIGHT_CHROMIUM to its path).',
  );
}

describe.skipIf(executablePath === undefined)('the page in a browser', () => {
  let browser: Browser;
  const file = path.join(results, 'page.html');
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
    await mkdir(results, { recursive: true });
    await writeFile(file, renderPage(wholeReport()));
  });
  afterAll(() => browser.close());

  async function open(
    colorScheme: 'light' | 'dark',
    width = 1280,
  ): Promise<{ page: Page; requests: string[]; errors: string[] }> {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const requests: string[] = [];
    const errors: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(pathToFileURL(file).href);
    return { page, requests, errors };
  }

  /** Contrast of two colours as WCAG counts it, from what the browser has computed. */
  const contrast = (page: Page, selector: string, backdrop: string): Promise<number> =>
    page.evaluate(
      ([front, back]) => {
        const luminance = (element: Element, property: 'color' | 'backgroundColor' | 'fill'): number => {
          const [r = 0, g = 0, b = 0] = (getComputedStyle(element)[property].match(/[\d.]+/g) ?? []).map((part) => {
            const share = Number(part) / 255;
            return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const frontElement = document.querySelector(front!)!;
        const [a, b] = [
          luminance(frontElement, frontElement instanceof SVGElement ? 'fill' : 'color'),
          luminance(document.querySelector(back!) ?? document.body, 'backgroundColor'),
        ];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      },
      [selector, backdrop],
    );

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    it('opens from disk, without a request beyond itself and without an error', async () => {
      const { page, requests, errors } = await open(colorScheme);
      expect(requests).toEqual([pathToFileURL(file).href]);
      expect(errors).toEqual([]);
      await page.screenshot({ path: path.join(results, `page-${colorScheme}.png`), fullPage: true });
      await page.close();
    });

    it('can be read: text and bars stand out from what is behind them', async () => {
      const { page } = await open(colorScheme);
      expect(await contrast(page, 'h1', 'body')).toBeGreaterThan(7);
      expect(await contrast(page, 'p', 'body')).toBeGreaterThan(4.5);
      expect(await contrast(page, '.chart .quiet', 'section')).toBeGreaterThan(4.5);
      expect(await contrast(page, '.chart .label', 'section')).toBeGreaterThan(4.5);
      expect(await contrast(page, '.chart .pods', 'section')).toBeGreaterThan(3);
      await page.close();
    });

    it('shows every node in a row of its own, in the order of time from left to right', async () => {
      const { page } = await open(colorScheme);
      const rows = await page.evaluate(() =>
        [...document.querySelectorAll('.chart.wide g.node')].map((row) => ({
          top: row.getBoundingClientRect().top,
          bottom: row.getBoundingClientRect().bottom,
          lefts: ['.notice', '.pods', '.done-ring', '.deadline'].map(
            (part) => row.querySelector(part)?.getBoundingClientRect().left ?? Number.NaN,
          ),
        })),
      );
      expect(rows).toHaveLength(22);
      rows.forEach(({ top, lefts }, index) => {
        expect(lefts.every((left, part) => part === 0 || left > lefts[part - 1]!)).toBe(true);
        if (index > 0) expect(top).toBeGreaterThanOrEqual(rows[index - 1]!.bottom - 1);
      });
      await page.close();
    });
  });

  it('follows the system from light to dark', async () => {
    const background = async (colorScheme: 'light' | 'dark'): Promise<string> => {
      const { page } = await open(colorScheme);
      const color = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await page.close();
      return color;
    };
    expect(await background('light')).not.toBe(await background('dark'));
  });

  it.each(['light', 'dark'] as const)(
    'can be read on a phone, in %s: nothing is cut, and no letter is tiny',
    async (colorScheme) => {
      const { page } = await open(colorScheme, 390);
      await page.screenshot({ path: path.join(results, `phone-${colorScheme}.png`), fullPage: true });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
      const parts = await page.evaluate(() =>
        [...document.querySelectorAll('.chart.narrow :is(text, .deadline, .track), td, th, .legend li, .cards div')]
          .map(
            (part) =>
              ({ ...part.getBoundingClientRect().toJSON(), text: part.textContent }) as DOMRect & { text: string },
          )
          .filter(({ width, height }) => width > 0 || height > 0),
      );
      expect(parts.length).toBeGreaterThan(22 * 8);
      for (const { left, right, text } of parts) {
        expect(left, text).toBeGreaterThanOrEqual(0);
        expect(right, text).toBeLessThanOrEqual(390);
      }
      const letters = await page.evaluate(() => {
        const chart = document.querySelector<SVGSVGElement>('.chart.narrow')!;
        const size = Number.parseFloat(getComputedStyle(chart.querySelector('text')!).fontSize);
        return (size * chart.getBoundingClientRect().width) / chart.viewBox.baseVal.width;
      });
      expect(letters).toBeGreaterThan(11);
      await page.close();
    },
  );
});
