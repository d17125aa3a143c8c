/** Something kept the instance metadata service from being read; the subclasses say what. */
export class ImdsError extends Error {
  override readonly name: string = 'ImdsError';
  /** What was asked for. */
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${message}: ${path}`, options);
    this.path = path;
  }
}

/** The service gave no complete answer in time. */
export class ImdsTimeoutError extends ImdsError {
  override readonly name = 'ImdsTimeoutError';
  readonly timeoutMs: number;

  constructor(path: string, timeoutMs: number) {
    super(path, `instance metadata gave no answer within ${Math.round(timeoutMs)} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** No connection could be made, or it broke before an answer came; `cause` says why. */
export class ImdsUnreachableError extends ImdsError {
  override readonly name = 'ImdsUnreachableError';

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(path, `instance metadata cannot be reached (${reason})`, options);
  }
}

/** The service answered with a status that is neither 200 nor 404. */
export class ImdsStatusError extends ImdsError {
  override readonly name = 'ImdsStatusError';
  readonly status: number;

  constructor(path: string, status: number) {
    super(path, `instance metadata answered ${status}${HINTS.get(status) ?? ''}`);
    this.status = status;
  }
}

/** The service's answer cannot be used: half a body, too long, not UTF-8, a web page, not HTTP. */
export class ImdsResponseError extends ImdsError {
  override readonly name = 'ImdsResponseError';

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(path, `instance metadata's answer ${problem}`, options);
  }
}

/** The options of a client are wrong; `problems` lists every fault. */
export class ImdsOptionsError extends Error {
  override readonly name = 'ImdsOptionsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`wrong options for the instance metadata client: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

const HINTS: ReadonlyMap<number, string> = new Map([
  [401, ' (it wants a token, and took none of ours)'],
  [403, ' (it may be turned off for this instance)'],
]);
