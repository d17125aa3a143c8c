/** How large something is. */
export interface Size {
  readonly name: string;
  readonly kib: number;
  readonly gzipKib: number | undefined;
}

/** How large each thing may be, in KiB, by name. */
export type Budgets = Readonly<Record<string, number>>;

/** Compares sizes with their budgets. Pure. */
export function judgeSizes(
  sizes: readonly Size[],
  budgets: Budgets,
): { readonly lines: readonly (readonly string[])[]; readonly complaints: readonly string[] } {
  const head = ['what', 'KiB', 'gzip', 'budget'];
  const lines = sizes.map(({ name, kib, gzipKib }) => [
    name,
    kib.toFixed(0),
    gzipKib === undefined ? '' : gzipKib.toFixed(0),
    budgets[name]?.toString() ?? 'none',
  ]);
  const complaints = sizes.flatMap(({ name, kib }) => {
    const budget = budgets[name];
    if (budget === undefined) return [`${name} has no budget: it is ${kib.toFixed(0)} KiB.`];
    return kib > budget ? [`${name} is ${(kib - budget).toFixed(1)} KiB over its budget of ${budget} KiB.`] : [];
  });
  return { lines: [head, ...lines], complaints };
}
