import { systemClock } from '@node-termination-handler/clock';
import { createLogUpdate } from 'log-update';
import { formatSeconds, poisonWords } from '../observe/figures.ts';
import { stageOf } from '../observe/timeline.ts';
import type { NodeTimeline, PoisonMessage, Stage } from '../observe/timeline.ts';
import { frame } from './frame.ts';
import type { Scenery } from './frame.ts';

const stages: readonly Stage[] = ['waiting', 'noticed', 'cordoned', 'drained', 'completed'];

function describe(timeline: NodeTimeline, stage: Stage): string {
  const { noticeAt = 0, cordonedAt = 0, drainedAt = 0, hookCompletedAt = 0, podsTotal } = timeline;
  switch (stage) {
    case 'waiting':
      return '';
    case 'noticed':
      return `${timeline.scene} notice`;
    case 'cordoned':
      return `cordoned after ${formatSeconds(cordonedAt - noticeAt)}`;
    case 'drained':
      return `drained of ${podsTotal} pods after ${formatSeconds(drainedAt - noticeAt)}`;
    case 'completed':
      return `lifecycle hook completed after ${formatSeconds(hookCompletedAt - noticeAt)}`;
  }
}

/** What is new since the last look, one plain line for each step of each node, for a log instead of a terminal. */
export function createPlainLines(startedAt: number): (scenery: Omit<Scenery, 'startedAt'>) => string[] {
  const said = new Map<string, number>();
  const budgetSaid = new Set<string>();
  let poisonSaid: string | undefined;
  const time = (now: number): string => formatSeconds(now - startedAt).padStart(7);
  const ofPoison = (poison: PoisonMessage | undefined, now: number): string[] => {
    const words = poison === undefined ? undefined : poisonWords(poison);
    if (words === undefined || words === poisonSaid) return [];
    poisonSaid = words;
    return [`${time(now)}  a message that is no event ${words}`];
  };
  return ({ timelines, poison, now }) => [
    ...timelines.flatMap((timeline) => {
      const from = (said.get(timeline.node) ?? 0) + 1;
      const reached = stages.indexOf(stageOf(timeline));
      said.set(timeline.node, Math.max(reached, from - 1));
      const steps = stages.slice(from, reached + 1).map((stage) => describe(timeline, stage));
      if (timeline.blocked.length > 0 && !budgetSaid.has(timeline.node)) {
        budgetSaid.add(timeline.node);
        steps.push('held by a disruption budget');
      }
      return steps.map((step) => `${time(now)}  ${timeline.node.padEnd(26)} ${step}`);
    }),
    ...ofPoison(poison, now),
  ];
}

/** Shows where the nodes stand while the demo runs. */
export interface LiveView {
  readonly show: (timelines: readonly NodeTimeline[], poison: PoisonMessage | undefined) => void;
  /** Makes room for the table of the end, which has everything that the last picture had. */
  readonly end: () => void;
}

/** A picture that renews itself in a terminal; plain lines anywhere else. */
export function createLiveView(output: NodeJS.WriteStream, startedAt: number): LiveView {
  if (!output.isTTY) {
    const lines = createPlainLines(startedAt);
    return {
      show: (timelines, poison) => {
        for (const line of lines({ timelines, poison, now: systemClock.now() })) output.write(`${line}\n`);
      },
      end: () => undefined,
    };
  }
  const update = createLogUpdate(output);
  return {
    show: (timelines, poison) => update(frame({ timelines, poison, now: systemClock.now(), startedAt }, output)),
    end: () => {
      update.clear();
      update.done();
    },
  };
}
