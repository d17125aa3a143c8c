import { repeat, systemClock } from '@node-termination-handler/clock';
import type { Program } from '../program.ts';
import type { Cast } from './cast.ts';
import type { Network } from './network.ts';
import { LocalSocket } from './virtual-tcp.ts';

/** How often a kubelet asks, in ms. */
const ASKED_EVERY_MS = 1000;

/** Asks the liveness probes of all programs that serve one, as the kubelets of their hosts do. */
export class Probes implements Disposable {
  readonly #cast: Cast;
  readonly #network: Network;
  readonly #answers = new Map<string, number[]>();
  readonly #asking: Disposable;

  constructor(cast: Cast, network: Network) {
    this.#cast = cast;
    this.#network = network;
    this.#asking = repeat(systemClock, ASKED_EVERY_MS, () => this.#askAll());
  }

  /** Status codes in their order, of each program. */
  answers(): readonly (readonly number[])[] {
    return [...this.#answers.values()];
  }

  [Symbol.dispose](): void {
    this.#asking[Symbol.dispose]();
  }

  #askAll(): void {
    for (const [pod, program] of this.#cast.programs) {
      const answers = this.#answers.get(pod) ?? [];
      this.#answers.set(pod, answers);
      const { port, path } = placeOf(program) ?? {};
      const server = port === undefined ? undefined : this.#network.tcpServers.get(port);
      if (!program.isRunning || server === undefined) continue;
      const socket = new LocalSocket((text) => answers.push(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])));
      this.#cast.computer(pod)?.run(() => {
        server.emit('connection', socket);
        socket.receive(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      });
    }
  }
}

/** Where a program serves its liveness probe, by its own words: the system chose the port. */
function placeOf(program: Program): { readonly port: number; readonly path: string } | undefined {
  const line = program.log.find(({ message }) => message === 'serving probes');
  return line === undefined ? undefined : { port: Number(line.port), path: String(line.path) };
}
