export type { Finding } from './judge/finding.ts';
export { judge } from './judge/judge.ts';
export type { Evidence } from './judge/judge.ts';
export type { NodeTimeline, Scene, Span } from './observe/timeline.ts';
export { renderPage } from './page/page.ts';
export type { DemoReport } from './page/page.ts';
export { runDemo } from './run-demo.ts';
export type { DemoOptions } from './run-demo.ts';
