import { describeEffective, helpText, settingRows } from '@node-termination-handler/settings';
import type { ParsedSettings, Program } from '@node-termination-handler/settings';

/** The program was asked for something else than to run, or cannot: what it says, and where. */
export interface Answer {
  readonly exitCode: 0 | 1;
  readonly stdout?: string;
  readonly stderr?: string;
}

/**
 * Answers `--help`, `--version` and settings that cannot be used; `undefined` when the program is to go on.
 *
 * Pure: the caller writes the text and ends the process.
 */
export function answerInstead<S>(parsed: ParsedSettings<S>, program: Program, version: string): Answer | undefined {
  if (!parsed.ok) return { exitCode: 1, stderr: `${parsed.message}\n` };
  switch (parsed.mode) {
    case 'help':
      return { exitCode: 0, stdout: helpText(settingRows, program) };
    case 'version':
      return { exitCode: 0, stdout: `${program} ${version}\n` };
    case 'run':
    case 'check':
      return undefined;
  }
}

/** The settings a program runs with, for its first log line; holds no secret. */
export function effectiveSettings(
  settings: Readonly<Record<string, unknown>>,
): Record<string, string | number | boolean> {
  return describeEffective(settingRows, settings);
}

/** Settings that a program can run with. */
export interface Started<S> {
  readonly mode: 'run' | 'check';
  readonly settings: S;
  /** One line each, for the log. */
  readonly warnings: readonly string[];
}

/** Hands back the settings, or answers on the terminal and ends the process. */
export function settingsOrExit<S>(parsed: ParsedSettings<S>, program: Program, version: string): Started<S> {
  const answer = answerInstead(parsed, program, version);
  if (answer === undefined && parsed.ok && 'settings' in parsed) return parsed;
  process.stdout.write(answer?.stdout ?? '');
  process.stderr.write(answer?.stderr ?? '');
  process.exit(answer?.exitCode ?? 1);
}
