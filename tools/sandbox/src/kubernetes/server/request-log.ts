/** One request that came in. */
export interface RequestRecord {
  readonly verb: string;
  readonly group: string;
  /** The plural; empty for a path that is not a resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  /** The status code of the answer; 0 when the connection was closed or left without one. */
  readonly code: number;
  /** When it came in, in milliseconds since the epoch. */
  readonly at: number;
  readonly path: string;
  /** Did a dry run ask to write nothing? */
  readonly dryRun: boolean;
  /** The field selector of a list, watch or deletion of many; empty without one. */
  readonly fieldSelector: string;
}

/** The requests that came in, newest last, up to a limit. */
export class RequestLog {
  readonly #limit: number;
  #records: RequestRecord[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(record: RequestRecord): void {
    this.#records.push(record);
    if (this.#records.length > this.#limit * 2) this.#records = this.#records.slice(-this.#limit);
  }

  /** The newest requests, in the order in which they were answered; watches when they were opened. */
  list(): readonly RequestRecord[] {
    return this.#records.slice(-this.#limit);
  }

  clear(): void {
    this.#records = [];
  }
}
