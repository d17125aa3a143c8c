import type { World } from './world.ts';

const LINES = 60;

/** What a person wants to see of a world in which something went wrong. */
export function details(world: World): string {
  return world.programs
    .map((program) => {
      const state = program.isRunning ? 'running' : 'ended';
      const lines = program.output.split('\n').slice(-LINES);
      return [`── ${program.name} (${state}), last lines:`, ...lines].join('\n');
    })
    .join('\n');
}
