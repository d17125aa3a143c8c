import type { Program } from './program.ts';

/** A program ended while it was still needed. */
export class ProgramEndedError extends Error {
  override readonly name = 'ProgramEndedError';
}

/**
 * Nothing while the program runs.
 *
 * @throws {@link ProgramEndedError} when it has ended.
 */
export function mustLive(program: Program): void {
  const { exit } = program.process;
  if (exit !== undefined) throw new ProgramEndedError(`${program.name} ended: ${JSON.stringify(exit)}`);
}
