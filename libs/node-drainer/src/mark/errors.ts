/** A node changed under every attempt to mark it, or did not answer, until the time was up. */
export class MarkConflictError extends Error {
  override readonly name = 'MarkConflictError';
}
