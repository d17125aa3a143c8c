/** Packages whose modules only define things, though their package.json does not say so. */
const PURE = ['@kubernetes/client-node', '@aws-sdk', '@smithy'];

/**
 * Tells the bundler which modules may be dropped when nothing of them is used.
 *
 * @returns `undefined` where the package's own word counts.
 */
export function keepsSideEffects(id: string): boolean | undefined {
  return PURE.some((name) => id.includes(`/node_modules/${name}/`)) ? false : undefined;
}
