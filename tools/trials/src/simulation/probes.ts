import { repeat, systemClock } from '@node-termination-handler/clock';
import type { Program } from '../program.ts';
import type { Cast } from './cast.ts';
import type { Network } from './network.ts';
import { LocalSocket } from './virtual-tcp.ts';

/** How often a kubelet asks, in ms. */
const ASKED_EVERY_MS = 1000;

/** Asks the probes of all programs that serve them, as the kubelets of their hosts do. */
export class Probes implements Disposable {
  readonly #cast: Cast;
  readonly #network: Network;
  readonly #liveness = new Map<string, number[]>();
  readonly #readiness = new Map<string, number>();
  readonly #asking: Disposable;

  constructor(cast: Cast, network: Network) {
    this.#cast = cast;
    this.#network = network;
    this.#asking = repeat(systemClock, ASKED_EVERY_MS, () => this.#askAll());
  }

  /** Status codes in their order, of each program. */
  liveness(): readonly (readonly number[])[] {
    return [...this.#liveness.values()];
  }

  /** The last status code of the readiness probe, of each program. */
  readiness(): readonly number[] {
    return [...this.#readiness.values()];
  }

  [Symbol.dispose](): void {
    this.#asking[Symbol.dispose]();
  }

  #askAll(): void {
    for (const [pod, program] of this.#cast.programs) {
      const answers = this.#liveness.get(pod) ?? [];
      this.#liveness.set(pod, answers);
      const { port, path = '' } = placeOf(program) ?? {};
      const server = port === undefined ? undefined : this.#network.tcpServers.get(port);
      if (!program.isRunning || server === undefined) continue;
      const ask = (from: string, hear: (code: number) => unknown): void => {
        const socket = new LocalSocket((text) => hear(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])));
        server.emit('connection', socket);
        socket.receive(`GET ${from} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      };
      this.#cast.computer(pod)?.run(() => {
        ask(path, (code) => answers.push(code));
        ask('/readyz', (code) => this.#readiness.set(pod, code));
      });
    }
  }
}

/** Where a program serves its liveness probe, by its own words: the system chose the port. */
function placeOf(program: Program): { readonly port: number; readonly path: string } | undefined {
  const line = program.log.find(({ message }) => message === 'serving probes');
  return line === undefined ? undefined : { port: Number(line.port), path: String(line.path) };
}
