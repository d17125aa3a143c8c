import { describe, expect, it } from 'vitest';
import { timeline, wholeReport } from '../testing/report.ts';
import { timeScale } from './axis.ts';
import { markup, shape } from './markup.ts';
import { renderPage } from './page.ts';

describe('markup', () => {
  it('escapes every text and leaves markup as it is', () => {
    const inner = markup`<b>${'<i> & "q" \'s\''}</b>`;
    expect(markup`<p title="${'"'}">${inner}${[inner]}${1.006}</p>`.markup).toBe(
      '<p title="&quot;"><b>&lt;i&gt; &amp; &quot;q&quot; &#39;s&#39;</b><b>&lt;i&gt; &amp; &quot;q&quot; &#39;s&#39;</b>1.01</p>',
    );
  });

  it('builds shapes without the attributes that are not given', () => {
    expect(shape('text', { x: 1 / 3, class: undefined, y: '"' }, 'a & b').markup).toBe(
      '<text x="0.33" y="&quot;">a &amp; b</text>',
    );
  });
});

describe('the time scale', () => {
  it('goes from edge to edge, with round seconds between', () => {
    const scale = timeScale(1000, 31_000, 100, 400);
    expect([scale.x(1000), scale.x(16_000), scale.x(31_000)]).toEqual([100, 250, 400]);
    expect(scale.ticks.map(({ label }) => label)).toEqual(['0 s', '5 s', '10 s', '15 s', '20 s', '25 s', '30 s']);
  });

  it('is a second long at least', () => {
    expect(timeScale(0, 0, 0, 10).lengthMs).toBe(1000);
  });
});

describe('the page', () => {
  it('asks the network for nothing', () => {
    const page = renderPage(wholeReport());
    expect(page).not.toMatch(/(src|href)=|@import|url\((?!#)|<script/);
  });

  it('has a row for each node, in a picture for wide screens and one for narrow ones, and a sign for each that a budget held', () => {
    const page = renderPage(wholeReport());
    expect(page.match(/<g class="node">/g)).toHaveLength(2 * 22);
    expect(page.match(/held [\d.]+ s by a budget/g)).toHaveLength(2 * 4);
    expect(page.match(/<title>lifecycle hook completed<\/title>/g)).toHaveLength(2 * 20);
    expect(page.match(/<title>deadline<\/title>/g)).toHaveLength(2 * 22);
  });

  it('says what went wrong', () => {
    const page = renderPage({
      ...wholeReport(),
      timelines: [
        timeline({ node: '<script>', drainedAt: undefined, podsLeft: 2, deadlineAt: undefined }),
        timeline({ node: 'uncordoned', cordonedAt: undefined, drainedAt: undefined }),
        timeline({ node: 'unnoticed', noticeAt: undefined, cordonedAt: undefined, drainedAt: undefined }),
      ],
      findings: [{ claim: 'every node is drained', holds: false, evidence: 'not: <script>' }],
    });
    expect(page).toContain('something is wrong');
    expect(page).toContain('2 of 4 pods left');
    expect(page).toContain('not: &lt;script&gt;');
    expect(page).not.toContain('<script>');
  });
});
