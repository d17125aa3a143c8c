import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceFolder } from '../program/program.ts';
import { run } from '../tool/run.ts';
import type { Check } from './check.ts';
import { CheckFailure } from './check.ts';

/** The workflows are ones that GitHub would run as they are meant. */
export const workflowsAreSound: Check = {
  name: 'actionlint',
  needsGo: true,
  async run({ tools }) {
    const folder = join(workspaceFolder, '.github', 'workflows');
    const files = (await readdir(folder).catch(() => [])).filter((file) => /\.ya?ml$/.test(file));
    if (files.length === 0) return 'there are no workflows';
    const paths = files.map((file) => join(folder, file));
    const { code, stdout, stderr } = await run(tools.actionlint, ['-no-color', ...paths], { cwd: workspaceFolder });
    if (code !== 0) throw new CheckFailure(`${stdout}${stderr}`.trim());
    return `${files.length} workflows`;
  },
};
