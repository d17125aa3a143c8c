import { systemClock, TimeLimitError, withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { createLogger, errorText } from '@node-termination-handler/logger';
import type { Logger, LoggerOptions } from '@node-termination-handler/logger';
import { createHealth, createMetrics } from '@node-termination-handler/metrics';
import { describeEffective, helpText, settingRows } from '@node-termination-handler/settings';
import type { ParsedSettings, Program, SettingsInput, SharedSettings } from '@node-termination-handler/settings';
import { connectToCluster } from './connections/kubernetes.ts';
import { countRequest } from './connections/count-request.ts';
import { DRAINS_END_WITHIN_MS } from './engine.ts';
import { neededRights, optionalRights, watchRights } from './rights.ts';
import type { Runtime } from './runtime.ts';
import { startServers } from './servers.ts';
import { stopSignal } from './stop-signal.ts';
import type { SignalledProcess } from './stop-signal.ts';
import { createAwsClock } from './telling/clock-skew.ts';
import { createTelling } from './telling/telling.ts';
import { checkWebhook, createWebhook } from './telling/webhook.ts';
import type { WebhookParts } from './telling/webhook.ts';

/** A program that `runProgram` runs. */
export interface ProgramDefinition<S extends SharedSettings> {
  readonly name: Program;
  readonly version: string;
  /** Reads its settings. */
  readonly load: (input: Pick<SettingsInput<Program>, 'argv' | 'env'>) => ParsedSettings<S>;
  /** The one node that it works on; `undefined` for a program that works on all nodes. */
  readonly ownNode: (settings: S) => string | undefined;
  /** The Lease of its release, in its own namespace. Default: it has none. */
  readonly claimLease?: (settings: S) => string | undefined;
  /** Its work, until `stop` aborts. @throws only what waiting cannot mend: it ends the program. */
  readonly work: (runtime: Runtime<S>) => Promise<void>;
}

/** The process that a program runs in; Node's own has all of it. */
export interface Host extends SignalledProcess {
  readonly argv: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exitCode?: number | string | null | undefined;
}

/** What tests put in place of the machine's. */
export interface RunOptions {
  readonly clock?: Clock;
  readonly destination?: LoggerOptions['destination'];
}

/** How long everything that is open may take to close when the work failed, in milliseconds. */
const CLOSED_AFTER_FAILURE_MS = 3_000;

/** How long that may take from the moment the program was told to stop, in milliseconds: its last polls and drains, and then the rest. */
const CLOSED_AFTER_STOP_MS = DRAINS_END_WITHIN_MS + 8_000;

/** How long webhook messages and Kubernetes events that wait may take at the end, in milliseconds. */
const TOLD_WITHIN_MS = 3_000;

/** How long a process lives on that has closed everything, and yet has something that keeps it, in milliseconds. */
const LEFT_OVER_MS = 500;

/**
 * Runs a program from its arguments to its exit code, and owns everything it opens on the way.
 *
 * It ends by itself only for what waiting cannot mend – settings, files, ports – with one sentence, non-zero, and in seconds. What may come
 * back is waited for, not ready. A signal to stop ends it also while it starts; a second one ends it at once.
 */
export async function runProgram<S extends SharedSettings>(
  program: ProgramDefinition<S>,
  host: Host = process,
  { clock = systemClock, destination }: RunOptions = {},
): Promise<void> {
  const parsed = program.load({ argv: host.argv.slice(2), env: host.env });
  if (!parsed.ok || !('settings' in parsed)) {
    const { name, version } = program;
    if (!parsed.ok) host.stderr.write(`${parsed.message}\n`);
    else host.stdout.write(parsed.mode === 'help' ? helpText(settingRows, name) : `${name} ${version}\n`);
    host.exitCode = parsed.ok ? 0 : 1;
    return;
  }
  const { settings, mode, warnings } = parsed;
  const log = createLogger({
    ...loggerOptions(settings, program),
    clock,
    ...(destination === undefined ? {} : { destination }),
  });
  for (const warning of warnings) log.warn(warning);
  verifyCertificates(host, log);
  const opened = new AsyncDisposableStack();
  let stoppedAtMs = clock.monotonic();
  const onStop = (signal: NodeJS.Signals): void => {
    stoppedAtMs = clock.monotonic();
    log.info({ signal }, 'stopping: finishing what is under way');
  };
  const { signal: stop } = opened.use(stopSignal(host, onStop));
  let failure: unknown;
  try {
    if (mode === 'check') {
      await checkWebhook(settings, { log, env: host.env, clock, signal: stop });
      log.info('the configuration is valid');
    } else await program.work(await start(program, settings, { log, env: host.env, clock, stop, opened }));
  } catch (error) {
    if (stop.aborted) log.debug({ err: error }, 'this ended with the signal to stop');
    else failure = error;
  }
  const leftMs = stop.aborted ? CLOSED_AFTER_STOP_MS - (clock.monotonic() - stoppedAtMs) : 0;
  const isClosed = await close({ opened, log, clock }, Math.max(leftMs, CLOSED_AFTER_FAILURE_MS));
  if (failure !== undefined) log.error(errorText(failure));
  else if (mode === 'run') log.info('stopped');
  const code = failure === undefined && isClosed ? 0 : 1;
  host.exitCode = code;
  clock.startTimer(LEFT_OVER_MS, () => host.exit(code), { keepsProcessAlive: false });
}

/** Takes away what would keep Node.js from verifying certificates: the credentials of the program would go to whoever answers. */
function verifyCertificates({ env }: Pick<Host, 'env'>, log: Logger): void {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return;
  delete env.NODE_TLS_REJECT_UNAUTHORIZED;
  log.warn(
    'NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect: certificates are verified all the same; name an authority of your own in NODE_EXTRA_CA_CERTS',
  );
}

/** Says how a program logs; whatever is a secret among its settings never appears in a line. */
function loggerOptions(
  settings: SharedSettings,
  { name, version }: { readonly name: string; readonly version: string },
): LoggerOptions {
  const { webhookUrl, webhookProxy, webhookHeaders, httpsProxy, httpProxy } = settings;
  // Values that could be credentials; `application/json` must stay readable in other lines.
  const secretHeaders = Object.entries(webhookHeaders).flatMap(([header, value]) =>
    /^(content-type|accept|user-agent)$/i.test(header) ? [] : [value],
  );
  return {
    level: settings.logLevel,
    format: settings.logFormat ?? (settings.jsonLogging ? 'json' : 'pretty'),
    formatVersion: settings.logFormatVersion,
    name,
    version,
    secrets: [webhookUrl, ...keysOf(webhookUrl), webhookProxy, httpsProxy, httpProxy, ...secretHeaders].filter(
      (secret) => secret !== undefined,
    ),
  };
}

/** A value in an address's query that is shorter is a word, such as `message`, and no key. */
const SHORTEST_KEY = 16;

/** What of an address's query may be a receiver's key, which is sent in a message; words must stay readable in other lines. */
function keysOf(url: string | undefined): readonly string[] {
  return url === undefined
    ? []
    : [...new URL(url).searchParams.values()].filter(({ length }) => length >= SHORTEST_KEY);
}

/** What a start needs of the process. */
type StartParts = Pick<Runtime<SharedSettings>, 'log' | 'clock' | 'stop' | 'opened'> & Pick<WebhookParts, 'env'>;

/** Opens what both programs need, one after the other; each step that takes time ends with the signal to stop. */
async function start<S extends SharedSettings>(
  program: ProgramDefinition<S>,
  settings: S,
  { log, env, clock: machineClock, stop, opened }: StartParts,
): Promise<Runtime<S>> {
  const clock = createAwsClock(machineClock, log);
  const { name, version } = program;
  const metrics = opened.use(createMetrics(program));
  const webhook = await createWebhook(settings, { log, env, clock, metrics, signal: stop });
  log.info(describeEffective(settingRows, settings), 'starting with these settings');
  const health = createHealth({ clock });
  await startServers(settings, { metrics, health, log, clock, opened, stop });
  const connecting = connectToCluster(settings, `node-termination-handler-${name}/${version}`, (call) =>
    countRequest(call, metrics),
  );
  const client = opened.adopt(await connecting, (open) => open.close());
  stop.throwIfAborted();
  const ownNode = program.ownNode(settings);
  const host = ownNode ?? settings.podName ?? settings.nodeName ?? name;
  const telling = createTelling(settings, webhook, { log, metrics, client, clock, host, onlyNode: ownNode });
  opened.defer(() => telling.close(TOLD_WITHIN_MS));
  const beside: Runtime<S>['beside'] = (task) => {
    const over = new AbortController();
    const ended = task(over.signal).catch((error: unknown) => {
      if (!over.signal.aborted) log.error({ err: error }, 'a part of the program has ended by a fault of its own');
    });
    opened.defer(async () => {
      over.abort(new Error('the program ends'));
      await ended;
    });
  };
  const optional = optionalRights(settings, ownNode, program.claimLease?.(settings));
  beside((signal) => watchRights(neededRights(settings, ownNode), optional, { client, health, log, clock }, signal));
  return { settings, log, metrics, health, client, telling, clock, awsClock: clock, stop, opened, beside };
}

/** Closes everything in reverse; answers whether that was done in time. */
async function close(
  { opened, log, clock }: Pick<StartParts, 'opened' | 'log' | 'clock'>,
  limitMs: number,
): Promise<boolean> {
  try {
    await withTimeLimit({ clock, limitMs }, () => opened.disposeAsync());
    return true;
  } catch (error) {
    const isLate = error instanceof TimeLimitError;
    log.error({ err: error }, isLate ? 'not everything could be closed in time' : 'something could not be closed');
    return !isLate;
  }
}
