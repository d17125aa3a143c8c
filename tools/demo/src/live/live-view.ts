import { createLogUpdate } from 'log-update';
import type { NodeTimeline } from '../observe/timeline.ts';
import { frame } from './frame.ts';
import { createPlainLines } from './plain-lines.ts';

/** Shows where the nodes stand while the demo runs. */
export interface LiveView {
  readonly show: (timelines: readonly NodeTimeline[]) => void;
  /** Leaves the last picture standing. */
  readonly end: () => void;
}

/** A picture that renews itself in a terminal; plain lines anywhere else. */
export function createLiveView(output: NodeJS.WriteStream, startedAt: number): LiveView {
  if (!output.isTTY) {
    const lines = createPlainLines(startedAt);
    return {
      show: (timelines) => {
        for (const line of lines(timelines, Date.now())) output.write(`${line}\n`);
      },
      end: () => undefined,
    };
  }
  const update = createLogUpdate(output);
  return {
    show: (timelines) => update(frame(timelines, Date.now(), startedAt, output.rows)),
    end: () => update.done(),
  };
}
