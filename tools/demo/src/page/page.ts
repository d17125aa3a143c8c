import type { Finding } from '../judge/judge.ts';
import type { NodeTimeline } from '../observe/timeline.ts';
import { gantt } from './gantt.ts';
import { legend } from './legend.ts';
import { markup } from './markup.ts';
import { style } from './style.ts';
import { cards, findingsTable, nodeTable } from './tables.ts';

/** What the page shows. */
export interface DemoReport {
  readonly timelines: readonly NodeTimeline[];
  readonly findings: readonly Finding[];
  /** In ms since the epoch. */
  readonly startedAt: number;
  /** In ms since the epoch. */
  readonly endedAt: number;
}

/** The whole page: one file that opens from disk and asks the network for nothing. */
export function renderPage({ timelines, findings, startedAt, endedAt }: DemoReport): string {
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
<section><h2>Each node’s way</h2>${legend()}<div class="scroll">${gantt(timelines, endedAt)}</div></section>
<section><h2>What must hold</h2><div class="scroll">${findingsTable(findings)}</div></section>
<section><h2>In numbers</h2><div class="scroll">${nodeTable(timelines)}</div></section>
</main>
</body>
</html>
`;
  return page.markup;
}

/** The timeline as a picture that stands alone, for where no page can be shown. */
export function renderPicture(timelines: readonly NodeTimeline[], endedAt: number): string {
  const { markup } = gantt(timelines, endedAt);
  const font = '.chart text { font-family: system-ui, sans-serif; }';
  const ground = '<rect width="100%" height="100%" rx="12" style="fill: var(--card)"/>';
  return `${markup.replace(/^<svg[^>]*>/, (open) => `${open}<style>${style}${font}</style>${ground}`)}\n`;
}
