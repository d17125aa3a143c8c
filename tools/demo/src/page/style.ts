/** The page's whole style: two palettes, told apart by what the reader's system prefers. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #e3e6eb; --text: #1a1f27; --quiet: #5c6674;
  --track: #e9ecf1; --notice: #e08a00; --pods: #2f6fde; --pods-soft: #cfdff9; --blocked: #c2410c; --blocked-soft: #fde3d3;
  --done: #0b8f63; --deadline: #b4232a; --bad: #b4232a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151b; --card: #191f28; --line: #2b3340; --text: #e8ecf2; --quiet: #98a4b5;
    --track: #262e3a; --notice: #f5b042; --pods: #5c9bff; --pods-soft: #22406f; --blocked: #ff8a4c; --blocked-soft: #4a2a1a;
    --done: #34d399; --deadline: #ff6b72; --bad: #ff6b72;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 32px 24px 48px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
main { max-width: 1240px; margin: 0 auto; }
h1 { font-size: 24px; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 17px; margin: 0 0 12px; }
p { margin: 0 0 20px; color: var(--quiet); max-width: 80ch; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; margin-bottom: 20px; }
.verdict { display: inline-block; padding: 2px 12px; border-radius: 999px; font-weight: 600; font-size: 14px; color: var(--card); background: var(--done); }
.verdict.bad { background: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin: 0 0 20px; }
.cards div { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 12px 16px; }
.cards b { display: block; font-size: 24px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.cards span { color: var(--quiet); font-size: 13px; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 20px; margin: 0 0 12px; padding: 0; list-style: none; font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 7px; }
.scroll { overflow-x: auto; }
svg { display: block; }
.chart { width: 100%; height: auto; }
.chart.narrow { display: none; }
.chart text { font-size: 12.5px; fill: var(--text); font-variant-numeric: tabular-nums; }
.chart .quiet { fill: var(--quiet); }
.chart .scene { font-weight: 650; font-size: 13px; }
.grid { stroke: var(--line); stroke-width: 1; }
.track { fill: var(--track); }
.notice { fill: var(--notice); }
.pods-soft { fill: var(--pods-soft); }
.pods { fill: var(--pods); }
.blocked-soft { fill: var(--blocked-soft); }
.blocked-stripe { stroke: var(--blocked); stroke-width: 3; }
.blocked-edge { fill: none; stroke: var(--blocked); stroke-width: 1.5; }
.chart .label { font-size: 12px; font-weight: 600; fill: var(--blocked); }
.done { fill: var(--done); }
.done-ring { fill: var(--card); stroke: var(--done); stroke-width: 2.5; }
.tick { fill: none; stroke: var(--card); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.deadline { stroke: var(--deadline); stroke-width: 2.5; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 5px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--quiet); font-weight: 600; }
.nodes :is(th, td):nth-child(-n + 2), td.left { text-align: left; }
tr:last-child td { border-bottom: 0; }
.holds { color: var(--done); font-weight: 700; }
.fails { color: var(--bad); font-weight: 700; }
td.mark { width: 1%; }
td.left { white-space: normal; }
td.evidence { white-space: normal; text-align: right; color: var(--quiet); }
@media (max-width: 900px) {
  body { padding: 20px 12px 32px; }
  section { padding: 14px 12px; }
  .chart.wide { display: none; }
  .chart.narrow { display: block; max-width: 560px; }
  .cards { grid-template-columns: repeat(2, 1fr); }
}
@media (max-width: 560px) {
  table { font-size: 12.5px; }
  th, td { padding: 5px 4px; }
  .nodes { font-size: 11.5px; letter-spacing: -0.01em; }
  .nodes :is(th, td) { padding: 5px 2px; }
  /* What the scene was, and how many pods went, stands in the picture above. */
  .nodes :is(th, td):is(:nth-child(2), :nth-child(8)) { display: none; }
}
`;
