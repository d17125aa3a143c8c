import type { Program } from '@node-termination-handler/settings';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { chartFolder, chartsFolder, programs } from '../program/program.ts';
import { run } from '../tool/run.ts';

/** A values file that the charts are tried with. */
export interface ChartCase {
  readonly program: Program;
  readonly name: string;
  readonly valuesFile: string;
}

/** Helm would not render a chart. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/** The values files in a folder of this project, by program and name. */
export async function casesIn(folder: 'cases' | 'refused'): Promise<readonly ChartCase[]> {
  const all = await Promise.all(
    programs.map(async (program) => {
      const files = await readdir(join(chartsFolder, folder, program));
      return files
        .filter((file) => file.endsWith('.yaml'))
        .sort()
        .map((file) => ({
          program,
          name: basename(file, '.yaml'),
          valuesFile: join(chartsFolder, folder, program, file),
        }));
    }),
  );
  return all.flat();
}

/**
 * What a chart becomes with a values file, as YAML.
 *
 * @throws {@link RenderError} with the words of Helm.
 */
export async function render(helm: string, { program, valuesFile }: ChartCase): Promise<string> {
  const args = ['template', 'nth', chartFolder(program), '--namespace', 'kube-system', '--values', valuesFile];
  const { code, stdout, stderr } = await run(helm, args);
  if (code !== 0) throw new RenderError(stderr.trim());
  return stdout;
}

/** Renders every case; a chart is rendered once, however many checks look at it. */
export async function renderAll(helm: string, cases: readonly ChartCase[]): Promise<ReadonlyMap<ChartCase, string>> {
  const rendered = new Map<ChartCase, string>();
  for (const chartCase of cases) rendered.set(chartCase, await render(helm, chartCase));
  return rendered;
}
