import { execFile } from 'node:child_process';
import type { Clock } from '@node-termination-handler/clock';
import { abortReason, withTimeLimit } from '@node-termination-handler/clock';
import * as v from 'valibot';

/** What a credential plugin gives. */
export interface PluginCredential {
  readonly token?: string | undefined;
  readonly clientCertificateData?: string | undefined;
  readonly clientKeyData?: string | undefined;
  /** When it ends by the wall clock, in milliseconds since the epoch; `undefined` where it holds until the server refuses it. */
  readonly expiresAtMs: number | undefined;
}

const text = v.pipe(v.string(), v.nonEmpty());
const pluginSchema = v.object({
  apiVersion: v.optional(v.string()),
  command: text,
  args: v.nullish(v.array(v.string())),
  env: v.nullish(v.array(v.object({ name: v.string(), value: v.string() }))),
});
const credentialSchema = v.object({
  status: v.object({
    token: v.optional(text),
    clientCertificateData: v.optional(text),
    clientKeyData: v.optional(text),
    expirationTimestamp: v.optional(v.pipe(v.string(), v.transform(Date.parse), v.number())),
  }),
});

/** How to run a credential plugin. */
export type PluginCommand = v.InferOutput<typeof pluginSchema>;

/** The plugin that a user of a kubeconfig names, in its own place or, as old files do, as an authentication provider. */
export function pluginOf(user: { exec?: unknown; authProvider?: unknown } | null): PluginCommand | undefined {
  const old = v.safeParse(v.object({ config: v.object({ exec: v.unknown() }) }), user?.authProvider);
  const named = user?.exec ?? (old.success ? old.output.config.exec : undefined);
  if (named === undefined || named === null) return undefined;
  const parsed = v.safeParse(pluginSchema, named);
  if (parsed.success) return parsed.output;
  throw new Error('the kubeconfig names a credential plugin without a command that can be run');
}

/**
 * Runs a credential plugin, no longer than `limitMs`: then it is killed.
 *
 * What it prints may be a secret, or a part of one: no error shows any of it but the last line of what it writes to its standard error when
 * it fails, which is meant for people.
 *
 * @throws an error that says which command failed, and how.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export async function runPlugin(
  { apiVersion = 'client.authentication.k8s.io/v1', command, args, env }: PluginCommand,
  limitMs: number,
  clock: Clock,
): Promise<PluginCredential> {
  const execInfo = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const reason = () => new Error(`the credential plugin ${command} gave nothing within ${limitMs} ms`);
  const printed = await withTimeLimit({ clock, limitMs, reason }, (signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const options = { env: { ...process.env, KUBERNETES_EXEC_INFO: execInfo, ...own }, maxBuffer: 1024 * 1024, signal };
    execFile(command, args ?? [], { ...options, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (signal.aborted) reject(abortReason(signal));
      else if (error === null) resolve(stdout);
      else reject(new Error(`the credential plugin ${command} failed (${howItFailed(error)})${lastLine(stderr)}`));
    });
    return promise;
  });
  return credentialIn(printed, command);
}

function howItFailed({ code, signal }: { code?: number | string | null; signal?: string | null }): string {
  return typeof code === 'number' ? `exit code ${code}` : (code ?? signal ?? 'unknown fault');
}

function lastLine(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, 200)}`;
}

function credentialIn(printed: string, command: string): PluginCredential {
  let value: unknown;
  try {
    value = JSON.parse(printed);
  } catch {
    // The parser's own words quote what it parses.
    throw new Error(`the credential plugin ${command} printed something that is not JSON`);
  }
  const parsed = v.safeParse(credentialSchema, value);
  if (!parsed.success) throw new Error(`the credential plugin ${command} printed something that is no ExecCredential`);
  const { expirationTimestamp, ...rest } = parsed.output.status;
  return { ...rest, expiresAtMs: expirationTimestamp };
}
