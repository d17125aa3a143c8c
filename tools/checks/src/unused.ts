import path from 'node:path';
import { run } from './command.ts';
import { examine } from './finding.ts';
import type { Finding, Verdict } from './finding.ts';
import { root } from './workspace.ts';

/** Nobody keeps what nobody uses; `knip.ts` says what counts. */
export async function* checkUnused(): AsyncGenerator<Finding> {
  yield await examine('files, exports and dependencies are used', () => knip());
  yield await examine('exports of libraries and programs are used by more than their tests', () =>
    knip('--production', '--include', 'exports,types'),
  );
}

/** @see https://knip.dev/reference/cli */
async function knip(...args: readonly string[]): Promise<Verdict> {
  const program = path.join(root, 'node_modules/.bin/knip');
  const { code, output } = await run(program, ['--no-progress', '--no-config-hints', ...args], { cwd: root });
  return { problems: code === 0 ? [] : [output] };
}
