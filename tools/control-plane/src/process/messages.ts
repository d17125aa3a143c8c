/** What the parent asks of the supervisor's process. */
export type SupervisorRequest =
  | {
      readonly kind: 'start';
      readonly id: number;
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly logFile: string;
      readonly cwd?: string | undefined;
    }
  /** A directory that goes when the supervisor goes. */
  | { readonly kind: 'remove-at-end'; readonly path: string };

/** What the supervisor's process tells its parent. */
export type SupervisorReport =
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'not-started'; readonly id: number; readonly message: string }
  | { readonly kind: 'exited'; readonly id: number; readonly code: number | null; readonly signal: string | null };
