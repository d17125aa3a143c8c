import { retry } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { HttpConnectionError } from '@node-termination-handler/http-client';
import type { HttpAnswer, HttpClient } from '@node-termination-handler/http-client';
import { errorText } from '@node-termination-handler/logger';
import { readFile } from 'node:fs/promises';
import { keysIn } from './credentials.ts';
import type { AwsCredentials, Variables } from './credentials.ts';

/** How the credentials of a container are read. */
export interface ContainerCredentialsOptions {
  /** One that knows no proxy: what gives credentials is on the machine. */
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How long one answer may take, in milliseconds. */
const ANSWER_WITHIN_MS = 2_000;

/** Hosts that may be asked without TLS: those of ECS and of the agent of EKS Pod Identity, and the machine itself. */
const HOSTS = /^(?:169\.254\.170\.(?:2|23)|\[fd00:ec2::23\]|localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads the credentials that the container is given: by EKS Pod Identity, or by ECS. What refuses them is quoted, in its own words.
 *
 * @throws Error that names who was asked, what it said, and what to look at; the signal's reason.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export async function readContainerCredentials(
  env: Variables,
  { http, clock, signal }: ContainerCredentialsOptions,
): Promise<AwsCredentials> {
  const url = containerUrl(env);
  const who = /^(?:169\.254\.170\.23|\[fd00:ec2::23\])$/.test(url.hostname)
    ? 'the agent of EKS Pod Identity'
    : 'the credentials service of the container';
  const where = `${who} (${url.host})`;
  const token = await authorization(env);
  const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: token }) };
  const ask = async (): Promise<AwsCredentials> => {
    const answer = await http.send({ url, headers }, { totalTimeoutMs: ANSWER_WITHIN_MS, signal });
    if (answer.status !== 200) throw new RefusedError(`${where} refuses credentials: ${inItsOwnWords(answer)}`, answer);
    return readAnswer(answer, where);
  };
  try {
    const isWorthRetrying = (error: unknown): boolean => !(error instanceof RefusedError) || error.mayPass;
    return await retry({ clock, backoff: { firstMs: 250, maxMs: 1_000 }, tries: 3, isWorthRetrying, signal }, ask);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof RefusedError) throw cause;
    const isDown = cause instanceof HttpConnectionError && cause.stage === 'connection' && who.includes('EKS');
    const advice = isDown ? '; is the add-on eks-pod-identity-agent running on this node?' : '';
    throw new Error(`${where} gives no credentials: ${errorText(cause)}${advice}`, { cause });
  }
}

/** Who gives credentials has answered, and gives none. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly mayPass: boolean;

  constructor(message: string, { status }: Pick<HttpAnswer, 'status'>) {
    super(message);
    this.mayPass = status === 429 || status >= 500;
  }
}

function containerUrl(env: Variables): URL {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full = '' } = env;
  if (relative !== undefined && relative !== '') return new URL(relative, 'http://169.254.170.2');
  const url = URL.parse(full);
  // A token goes there: without TLS only to a place that nobody else can be.
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && HOSTS.test(url.hostname))) return url;
  throw new Error(
    'AWS_CONTAINER_CREDENTIALS_FULL_URI must be an https URL, or an http URL of 169.254.170.2, 169.254.170.23, [fd00:ec2::23] or the machine itself',
  );
}

/** Read each time: a cluster renews the file. */
async function authorization(env: Variables): Promise<string | undefined> {
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE ?? '';
  const token = file === '' ? env.AWS_CONTAINER_AUTHORIZATION_TOKEN : await readFile(file, 'utf8');
  const line = token?.trim() ?? '';
  if (/[\r\n]/.test(line)) throw new Error('the authorization token of the container has line breaks');
  return line === '' ? undefined : line;
}

/** The status, and the message of a body that is short or JSON. */
function inItsOwnWords({ status, body }: HttpAnswer): string {
  const text = body.toString().trim();
  const parsed = parsedObject(text);
  const own = [parsed?.Code ?? parsed?.code, parsed?.Message ?? parsed?.message].filter((part) => part !== undefined);
  const words = (own.length > 0 ? own.map(String).join(': ') : text).slice(0, 500);
  return words === '' ? `status ${status}` : `status ${status}, ${words}`;
}

function readAnswer({ body }: HttpAnswer, where: string): AwsCredentials {
  const keys = keysIn(parsedObject(body.toString()) ?? {});
  if (keys?.expiration === undefined) throw new Error(`${where} answers with something else than credentials`);
  return keys;
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
