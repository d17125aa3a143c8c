/** Reads the number of an option. @throws TypeError with one clear message for what is none */
export function wholeNumber(option: string, text: string, least = 0): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least) return number;
  throw new TypeError(`${option}: ${text} is no whole number from ${least} to 999999999`);
}

/** Reads a word of an option that allows few. @throws TypeError that names those that there are */
export function oneOf<Word extends string>(option: string, what: string, word: string, allowed: readonly Word[]): Word {
  const found = allowed.find((one) => one === word);
  if (found !== undefined) return found;
  throw new TypeError(`${option}: there is no ${what} ${word}; there are ${allowed.join(', ')}`);
}

/** Runs a command: what it answers is its exit code, and what it throws is one message and the exit code 2. */
export async function runCommand(main: (say: (line: string) => void) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main((line) => console.log(line));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
