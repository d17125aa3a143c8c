import type { Finding } from '../judge/finding.ts';
import type { NodeTimeline } from '../observe/timeline.ts';
import { formatSeconds } from '../format-seconds.ts';
import { gantt } from './gantt.ts';
import { legend } from './legend.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { style } from './style.ts';

/** What the page shows. */
export interface DemoReport {
  readonly timelines: readonly NodeTimeline[];
  readonly findings: readonly Finding[];
  /** In ms since the epoch. */
  readonly startedAt: number;
  /** In ms since the epoch. */
  readonly endedAt: number;
}

function difference(to: number | undefined, from: number | undefined): string {
  return to === undefined || from === undefined ? '–' : formatSeconds(to - from);
}

function cards({ timelines, startedAt, endedAt }: DemoReport): Markup {
  const drained = timelines.filter(({ drainedAt }) => drainedAt !== undefined);
  const hooks = timelines.filter(({ hookCompletedAt }) => hookCompletedAt !== undefined);
  const cordons = timelines.flatMap(({ noticeAt, cordonedAt }) =>
    noticeAt === undefined || cordonedAt === undefined ? [] : [cordonedAt - noticeAt],
  );
  const pods = timelines.reduce((sum, { podsEvicted }) => sum + podsEvicted, 0);
  const slowest = cordons.length === 0 ? '–' : formatSeconds(Math.max(...cordons));
  const numbers: readonly (readonly [string, string])[] = [
    [`${drained.length} of ${timelines.length}`, 'nodes drained'],
    [`${hooks.length}`, 'lifecycle hooks completed'],
    [`${pods}`, 'pods evicted'],
    [slowest, 'slowest notice → cordoned'],
    [formatSeconds(endedAt - startedAt), 'from first to last'],
  ];
  return html`<div class="cards">
    ${numbers.map(([number, label]) => html`<div><b>${number}</b><span>${label}</span></div>`)}
  </div>`;
}

function findingsTable(findings: readonly Finding[]): Markup {
  const rows = findings.map(
    ({ claim, holds, evidence }) =>
      html`<tr>
        <td class="mark ${holds ? 'holds' : 'fails'}">${holds ? '✓' : '✗'}</td>
        <td class="left">${claim}</td>
        <td class="evidence">${evidence}</td>
      </tr>`,
  );
  return html`<table>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function nodeTable(timelines: readonly NodeTimeline[]): Markup {
  const rows = timelines.map((timeline) => {
    const { noticeAt, cordonedAt, drainedAt, hookCompletedAt, deadlineAt } = timeline;
    const blockedMs = timeline.blocked.reduce((sum, { from, to }) => sum + to - from, 0);
    return html`<tr>
      <td>${timeline.node}</td>
      <td class="left">${timeline.scene}</td>
      <td>${difference(cordonedAt, noticeAt)}</td>
      <td>${difference(drainedAt, noticeAt)}</td>
      <td>${difference(hookCompletedAt, noticeAt)}</td>
      <td>${blockedMs === 0 ? '–' : formatSeconds(blockedMs)}</td>
      <td>${difference(deadlineAt, hookCompletedAt ?? drainedAt)}</td>
      <td>${timeline.podsEvicted}</td>
    </tr>`;
  });
  return html`<table>
    <thead>
      <tr>
        <th>node</th>
        <th class="left">notice</th>
        <th>→ cordoned</th>
        <th>→ drained</th>
        <th>→ hook completed</th>
        <th>blocked</th>
        <th>left on the deadline</th>
        <th>pods evicted</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** The whole page: one file that opens from disk and asks the network for nothing. */
export function renderPage(report: DemoReport): string {
  const good = report.findings.every(({ holds }) => holds);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Node Termination Handler – demo timeline</title>
        <style>
          ${{ markup: style }}
        </style>
      </head>
      <body>
        <main>
          <h1>
            Node Termination Handler
            <span class="verdict ${good ? '' : 'bad'}">${good ? 'all well' : 'something is wrong'}</span>
          </h1>
          <p>
            Both programs as processes against the sandbox,
            ${new Date(report.startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC. Deadlines are shortened, so
            that they fit the picture. Every time here comes from the sandbox’s own records.
          </p>
          ${cards(report)}
          <section>
            <h2>Each node’s way</h2>
            ${legend()}
            <div class="scroll">${gantt(report.timelines, report.endedAt)}</div>
          </section>
          <section>
            <h2>What must hold</h2>
            <div class="scroll">${findingsTable(report.findings)}</div>
          </section>
          <section>
            <h2>In numbers</h2>
            <div class="scroll">${nodeTable(report.timelines)}</div>
          </section>
        </main>
      </body>
    </html> `;
  return page.markup;
}
