import { appendFileSync } from 'node:fs';
import type { WorldOptions } from '../faults/world.ts';
import { Program } from '../program.ts';
import { Computer } from './computer.ts';
import type { Network } from './network.ts';
import type { WrongClock } from './plan.ts';
import type { Host, Stage } from './stage.ts';
import type { Timeline } from './timeline.ts';
import { DIRECTORY } from './virtual-node.ts';

/** What the parts of a play share. */
export interface Parts {
  readonly timeline: Timeline;
  readonly network: Network;
  readonly note: (line: string) => void;
  readonly seed: number;
  /** Clocks that are wrong, by the program. */
  readonly clocks: Readonly<Record<string, WrongClock>>;
  /** By how much the programs' timers ring late at the most, in ms. Default: not at all. */
  readonly lateMs?: number;
}

/** The programs of a play, by the names of their pods. */
export class Cast {
  readonly #stage: Stage;
  readonly #parts: Parts;
  readonly #computers = new Map<string, Computer>();
  readonly #programs = new Map<string, Program>();
  /** Clocks that are wrong: whatever runs on a host has its clock. */
  readonly #clocks: Map<string, WrongClock>;
  /** What releases have been given since, by the program. */
  readonly #settings = new Map<string, Readonly<Record<string, string>>>();
  /** When hosts were booted in the play, by the program. */
  readonly #boots = new Map<string, number>();
  #count = 0;

  constructor(stage: Stage, parts: Parts) {
    this.#stage = stage;
    this.#parts = parts;
    this.#clocks = new Map(Object.entries(parts.clocks));
  }

  /** Sets the wall clock of a program's host, and its speed from now on. */
  setClock(pod: string, { byMs, rate }: { readonly byMs: number; readonly rate: number }): void {
    const { aheadMs = 0 } = this.#clocks.get(pod) ?? {};
    this.#clocks.set(pod, { aheadMs: aheadMs + byMs, rate });
    this.#computers.get(pod)?.jump(byMs);
    this.#computers.get(pod)?.drift(rate);
  }

  /** The host of a program is booted: what runs there is gone, and what begins there later knows of it. */
  reboot(pod: string): void {
    this.#boots.set(pod, this.#parts.timeline.nowMs);
    this.#computers.get(pod)?.crash();
  }

  /** What a program is started with from now on. */
  configure(pod: string, settings: Readonly<Record<string, string>>): void {
    this.#settings.set(pod, settings);
  }

  computer(pod: string): Computer | undefined {
    return this.#computers.get(pod);
  }

  program(pod: string): Program | undefined {
    return this.#programs.get(pod);
  }

  /** A program is gone, and another one is in its place. */
  forget(pod: string): void {
    this.#computers.delete(pod);
    this.#programs.delete(pod);
  }

  /** By the names of their pods. */
  get programs(): ReadonlyMap<string, Program> {
    return this.#programs;
  }

  get running(): readonly Program[] {
    return [...this.#programs.values()];
  }

  readonly launch: NonNullable<WorldOptions['launch']> = (name, environment, { label = name }) => {
    const { timeline, seed, network, note, lateMs = 0 } = this.#parts;
    const pod = environment.POD_NAME ?? name;
    this.#count += 1;
    const computer = new Computer({ timeline, seed: seed + this.#count, name: pod, lateMs });
    computer.bootedMs = this.#boots.get(pod) ?? computer.bootedMs;
    const wrong = this.#clocks.get(pod);
    if (wrong !== undefined) {
      computer.jump(wrong.aheadMs);
      computer.drift(wrong.rate);
    }
    const logFile = `${DIRECTORY}/log-${this.#count}`;
    appendFileSync(logFile, '');
    const listeners = new Map<string, Set<() => void>>();
    const exited = Promise.withResolvers<{ code: number | null; signal: string | null }>();
    let exit: { code: number | null; signal: string | null } | undefined;
    const end = (code: number | null, signal: string | null): void => {
      if (exit !== undefined) return;
      exit = { code, signal };
      note(`${pod} ended: ${signal ?? code}`);
      computer.onCrash = () => undefined;
      computer.crash();
      network.closeAll(computer);
      exited.resolve(exit);
    };
    computer.onCrash = () => end(null, 'SIGKILL');
    const write = (text: string): void => {
      if (computer.isDown) return;
      note(`${pod} says ${text.trimEnd()}`);
      appendFileSync(logFile, text);
    };
    const host: Host = {
      argv: ['node', name],
      env: { JSON_LOGGING: 'true', ...environment, ...this.#settings.get(pod) },
      platform: 'linux',
      stdout: { write },
      stderr: { write },
      on: (signal, listener) => void listeners.set(signal, (listeners.get(signal) ?? new Set()).add(listener)),
      off: (signal, listener) => void listeners.get(signal)?.delete(listener),
      exit: (code) => end(code, null),
    };
    note(`${pod} starts`);
    computer.run(() => {
      this.#stage.programs[name](host, { destination: { write } }).then(
        () => end(host.exitCode ?? 0, null),
        (error: unknown) => {
          write(`${String(error)}\n`);
          end(1, null);
        },
      );
    });
    const process = {
      pid: 0,
      get exit() {
        return exit;
      },
      exited: exited.promise,
      kill: (signal: NodeJS.Signals = 'SIGTERM') => {
        if (signal === 'SIGKILL') computer.crash();
        else computer.run(() => [...(listeners.get(signal) ?? [])].forEach((listener) => listener()));
      },
    };
    const program = Program.of(name, label, process, logFile);
    this.#computers.set(pod, computer);
    this.#programs.set(pod, program);
    return program;
  };
}
