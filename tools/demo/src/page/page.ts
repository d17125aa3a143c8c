import type { Finding } from '../judge/judge.ts';
import type { NodeTimeline, PoisonMessage } from '../observe/timeline.ts';
import { figuresMean } from '../observe/figures.ts';
import { narrowLayout, wideLayout } from './axis.ts';
import { gantt } from './gantt.ts';
import { legend, pictureLegend, pictureLegendHeight } from './legend.ts';
import { markup, shape } from './markup.ts';
import { style } from './style.ts';
import { cards, findingsTable, nodeTable } from './tables.ts';

/** What the page shows. */
export interface DemoReport {
  readonly timelines: readonly NodeTimeline[];
  readonly poison: PoisonMessage | undefined;
  readonly findings: readonly Finding[];
  /** In ms since the epoch. */
  readonly startedAt: number;
  /** In ms since the epoch. */
  readonly endedAt: number;
}

/** The whole page: one file that opens from disk and asks the network for nothing. */
export function renderPage({ timelines, poison, findings, startedAt, endedAt }: DemoReport): string {
  const [verdict, mood] = findings.every(({ holds }) => holds) ? ['all well', ''] : ['something is wrong', 'bad'];
  const when = new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ');
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Node Termination Handler – demo timeline</title>
<style>${{ markup: style }}</style>
</head>
<body>
<main>
<h1>Node Termination Handler <span class="verdict ${mood}">${verdict}</span></h1>
<p>Both programs as processes against the sandbox, ${when} UTC. Deadlines are shortened, so that they fit the picture. Every time here comes from the sandbox’s own records.</p>
${cards(timelines, endedAt - startedAt)}
<section><h2>Each node’s way</h2>${legend()}${[wideLayout, narrowLayout].map((layout) => gantt(timelines, poison, endedAt, layout))}</section>
<section><h2>What must hold</h2>${findingsTable(findings)}</section>
<section><h2>In numbers</h2><p>${figuresMean}</p><div class="scroll">${nodeTable(timelines)}</div></section>
</main>
</body>
</html>
`;
  return page.markup;
}

/** The timeline as a picture that stands alone, for where no page can be shown. */
export function renderPicture(
  timelines: readonly NodeTimeline[],
  poison: PoisonMessage | undefined,
  endedAt: number,
): string {
  const { markup: chart } = gantt(timelines, poison, endedAt, wideLayout);
  const font = '.chart text { font-family: system-ui, sans-serif; }';
  const margin = 16;
  const height = Number(/viewBox="0 0 \d+ (\d+)"/.exec(chart)?.[1] ?? 0);
  const size = { width: wideLayout.width + 2 * margin, height: height + pictureLegendHeight + 2 * margin };
  const picture = shape(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'chart',
      viewBox: `0 0 ${size.width} ${size.height}`,
      role: 'img',
      'aria-label': `Timeline of ${timelines.length} nodes from notice to completion`,
    },
    { markup: `<style>${style}${font}</style><rect width="100%" height="100%" rx="12" style="fill: var(--card)"/>` },
    shape('g', { transform: `translate(${margin} ${margin})` }, pictureLegend()),
    {
      markup: chart.replace(
        '<svg',
        `<svg x="${margin}" y="${margin + pictureLegendHeight}" width="${wideLayout.width}" height="${height}"`,
      ),
    },
  );
  return `${picture.markup}\n`;
}
