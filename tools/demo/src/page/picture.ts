import type { NodeTimeline } from '../observe/timeline.ts';
import { gantt } from './gantt.ts';
import { style } from './style.ts';

/** The timeline as a picture that stands alone, for where no page can be shown. */
export function renderPicture(timelines: readonly NodeTimeline[], endedAt: number): string {
  const { markup } = gantt(timelines, endedAt);
  const font = '.chart text { font-family: system-ui, sans-serif; }';
  const ground = '<rect width="100%" height="100%" rx="12" style="fill: var(--card)"/>';
  return `${markup.replace(/^<svg[^>]*>/, (open) => `${open}<style>${style}${font}</style>${ground}`)}\n`;
}
