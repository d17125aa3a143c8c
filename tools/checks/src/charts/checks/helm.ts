import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ChartCase } from '../chart/cases.ts';
import { render, RenderError } from '../chart/cases.ts';
import { chartFolder, chartsFolder } from '../program/program.ts';
import { run } from '../tool/run.ts';
import type { Check } from './check.ts';
import { CheckFailure } from './check.ts';
import { readableSnapshot } from './readable-snapshot.ts';

/** `helm lint` has nothing to say about any case. */
export const lint: Check = {
  name: 'helm lint',
  needsGo: true,
  async run({ tools }, { cases }) {
    for (const { program, name, valuesFile } of cases) {
      const args = ['lint', chartFolder(program), '--strict', '--quiet', '--values', valuesFile];
      const { code, stdout, stderr } = await run(tools.helm, args);
      if (code !== 0) throw new CheckFailure(`${program}, ${name}: ${stdout}${stderr}`.trim());
    }
    return `${cases.length} cases`;
  },
};

/** Where the text that a case was last seen to become is kept. */
function snapshotFile({ program, name }: ChartCase): string {
  return join(chartsFolder, 'snapshots', program, `${name}.yaml`);
}

/** Every case becomes what it became when somebody last read it. */
export const snapshots: Check = {
  name: 'helm template: snapshots',
  needsGo: true,
  async run({ rendered }) {
    const changed: string[] = [];
    for (const [chartCase, yaml] of rendered) {
      const known = await readFile(snapshotFile(chartCase), 'utf8').catch(() => '');
      if (known !== readableSnapshot(yaml)) changed.push(`${chartCase.program}/${chartCase.name}`);
    }
    if (changed.length > 0) {
      throw new CheckFailure(`${changed.join(', ')}: "chart-check --write" writes them; read the difference`);
    }
    return `${rendered.size} cases`;
  },
};

/** Writes the snapshots anew, for somebody to read the difference. */
export async function writeSnapshots(rendered: ReadonlyMap<ChartCase, string>): Promise<void> {
  for (const [chartCase, yaml] of rendered) {
    const file = snapshotFile(chartCase);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, readableSnapshot(yaml));
  }
}

/** Wrong values are refused, and the message names the value that the first line of the file says. */
export const refusals: Check = {
  name: 'wrong values are refused by name',
  needsGo: true,
  async run({ tools }, { refused }) {
    for (const chartCase of refused) {
      const expected = /^# says: (.+)$/m.exec(await readFile(chartCase.valuesFile, 'utf8'))?.[1];
      if (expected === undefined) throw new CheckFailure(`${chartCase.valuesFile} has no line "# says: …"`);
      const message = await refusalOf(tools.helm, chartCase);
      if (!message.includes(expected)) {
        throw new CheckFailure(`${chartCase.program}, ${chartCase.name}: "${expected}" is not in: ${message}`);
      }
    }
    return `${refused.length} cases`;
  },
};

async function refusalOf(helm: string, chartCase: ChartCase): Promise<string> {
  try {
    await render(helm, chartCase);
  } catch (error) {
    if (error instanceof RenderError) return error.message;
    throw error;
  }
  throw new CheckFailure(`${chartCase.program}, ${chartCase.name}: Helm takes it`);
}
