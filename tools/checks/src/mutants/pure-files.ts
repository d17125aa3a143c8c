/** Files whose decisions follow from their arguments alone, and the tests that must notice when one of them is another. */
export interface PureFiles {
  readonly library: string;
  /** Below `src` of the library, without their ending. */
  readonly files: readonly string[];
  /** The same, of the tests that stand beside them and call them with no program around: quick ones first. */
  readonly tests: readonly string[];
}

/** Every file that is tried, in the order of the page. */
export const PURE_FILES: readonly PureFiles[] = [
  {
    library: 'interruption-handler',
    files: ['kinds', 'policy/decide', 'policy/end', 'policy/notice'],
    tests: ['policy/decide', 'policy/end', 'policy/notice'],
  },
  { library: 'interruption-handler', files: ['record/tasks'], tests: ['record/tasks'] },
  {
    library: 'interruption-handler',
    files: [
      'record/annotation',
      'record/claims',
      'record/ends',
      'record/entry',
      'record/limits',
      'record/marks',
      'record/noticed',
      'record/seen-node',
      'record/transitions',
    ],
    tests: [
      'record/annotation',
      'record/claims',
      'record/ends',
      'record/entry',
      'record/limits',
      'record/marks',
      'record/noticed',
      'record/transitions',
      'record/seen-node',
      'record/table',
      'record/giving-back',
      'record/stories',
    ],
  },
  {
    library: 'node-drainer',
    files: ['drain/decide', 'drain/order', 'drain/rules', 'drain/eviction/answers'],
    tests: ['drain/decide', 'drain/order', 'drain/rules', 'drain/eviction/answers'],
  },
];

/** The paths of the files from the root. */
export function pathsOf({ library, files }: Pick<PureFiles, 'library' | 'files'>): readonly string[] {
  return files.map((file) => pathOf(library, file));
}

/** The path of a file from the root. */
export function pathOf(library: string, file: string): string {
  return `libs/${library}/src/${file}.ts`;
}
