import { sleep, systemClock } from '@node-termination-handler/clock';
import { readFile } from 'node:fs/promises';
import type { ComponentName } from '../components.ts';
import type { SupervisedProcess, Supervisor } from '../supervisor.ts';
import type { Layout } from './layout.ts';

/** The control plane did not come up, or a part of it ended by itself. */
export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError';
}

/** A port that was free a moment ago has been taken: worth another try with other ports. */
export class PortTakenError extends ControlPlaneError {}

/** The running components of one control plane. */
export interface Parts {
  start(name: ComponentName, command: string, args: readonly string[]): Promise<SupervisedProcess>;
  get(name: ComponentName): SupervisedProcess;
  /**
   * Waits for something that needs the parts alive.
   *
   * @throws {@link ControlPlaneError} as soon as one of them ends by itself.
   */
  whileAlive<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Starts components through a supervisor and keeps an eye on them. */
export function createParts(supervisor: Supervisor, layout: Layout): Parts {
  const running = new Map<ComponentName, SupervisedProcess>();
  return {
    async start(name, command, args) {
      const part = await supervisor.start({ name, command, args, logFile: layout.logFile(name) });
      running.set(name, part);
      return part;
    },
    get(name) {
      const part = running.get(name);
      if (part === undefined) throw new ControlPlaneError(`${name} is not part of this control plane`);
      return part;
    },
    async whileAlive(task) {
      const over = new AbortController();
      const deaths = [...running.values()].map(async (part) => {
        await part.exited;
        throw await deathOf(part, layout);
      });
      try {
        return await Promise.race([task(over.signal), ...deaths]);
      } finally {
        over.abort();
        // The losers of the race end later, when nobody listens any more.
        for (const death of deaths) death.catch(() => undefined);
      }
    },
  };
}

async function deathOf(part: SupervisedProcess, layout: Layout): Promise<ControlPlaneError> {
  // Its last lines may still be on their way into the file.
  await sleep(systemClock, 20);
  const log = await readFile(layout.logFile(part.name), 'utf8').catch(() => '');
  const end = log.trim().split('\n').slice(-15).join('\n');
  const message = `${part.name} ended by itself (${part.exit?.signal ?? `exit code ${part.exit?.code}`}):\n${end}`;
  return /address already in use/i.test(end) ? new PortTakenError(message) : new ControlPlaneError(message);
}
