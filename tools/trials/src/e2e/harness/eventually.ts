import { waitFor } from '@node-termination-handler/control-plane';
import { ProgramEndedError } from './program-ended-error.ts';

/**
 * Waits until a look says true; one that throws says "not yet".
 *
 * @throws ProgramEndedError at once, when the look finds that a program has ended.
 */
export async function eventually(what: string, look: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  let ended: ProgramEndedError | undefined;
  const guarded = async () => {
    try {
      return (await look()) ? true : undefined;
    } catch (error) {
      if (!(error instanceof ProgramEndedError)) throw error;
      ended = error;
      return true;
    }
  };
  await waitFor(guarded, { what, timeoutMs, intervalMs: 100 });
  if (ended !== undefined) throw ended;
}
