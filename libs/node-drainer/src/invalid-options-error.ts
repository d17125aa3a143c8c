import * as v from 'valibot';

/** Options that can't be right; the message lists every fault, not the first alone. */
export class InvalidOptionsError extends Error {
  override readonly name = 'InvalidOptionsError';
  /** One sentence for each fault. */
  readonly faults: readonly string[];

  constructor(of: string, faults: readonly string[]) {
    super(`invalid options of ${of}: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

/** Checks options once, at the edge. @throws {@link InvalidOptionsError} */
export function parseOptions<const Schema extends v.GenericSchema>(
  of: string,
  schema: Schema,
  options: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, options);
  if (result.success) return result.output;
  throw new InvalidOptionsError(
    of,
    result.issues.map((issue) => `${v.getDotPath(issue) ?? 'options'}: ${issue.message}`),
  );
}
