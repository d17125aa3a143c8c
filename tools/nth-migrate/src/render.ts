import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Chart } from './values.ts';

/** What Helm made of a values file. */
export interface Rendering {
  readonly chart: Chart;
  readonly outcome:
    | { readonly kind: 'rendered'; readonly objects: number }
    | { readonly kind: 'refused'; readonly why: string }
    | { readonly kind: 'not-tried'; readonly why: string };
}

/** Where the charts are published. */
export const publishedCharts = 'oci://ghcr.io/node-termination-handler/charts';

/** How to render. */
export interface RenderOptions {
  /** A folder, or a registry, with both charts. */
  readonly charts: string;
  /** Helm's program. Default: `helm`. */
  readonly helm?: string;
}

const runFile = promisify(execFile);
const patienceMs = 60_000;

/** Lets Helm make the objects of a values file, where Helm and the chart are to be had: whoever installs it later meets no refusal. */
export async function render(
  chart: Chart,
  valuesFile: string,
  { charts, helm = 'helm' }: RenderOptions,
): Promise<Rendering> {
  const location = `${charts.replace(/\/$/, '')}/${chart}`;
  const isThere = await attempt(helm, ['show', 'chart', location]);
  if (!isThere.ok) {
    const why = isThere.isMissing
      ? 'there is no helm here.'
      : `the chart is not to be had from ${location}: ${isThere.why}`;
    return { chart, outcome: { kind: 'not-tried', why } };
  }
  // Helm 3 takes an old version for that of the cluster where it may not ask one.
  const args = [
    'template',
    'nth',
    location,
    '--namespace',
    'kube-system',
    '--kube-version',
    '1.33.0',
    '--values',
    valuesFile,
  ];
  const made = await attempt(helm, args);
  if (!made.ok) return { chart, outcome: { kind: 'refused', why: made.why } };
  return { chart, outcome: { kind: 'rendered', objects: made.output.match(/^kind: /gm)?.length ?? 0 } };
}

type Attempt =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly isMissing: boolean; readonly why: string };

async function attempt(helm: string, args: readonly string[]): Promise<Attempt> {
  try {
    const { stdout } = await runFile(helm, [...args], { timeout: patienceMs, maxBuffer: 64 * 2 ** 20 });
    return { ok: true, output: stdout };
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: unknown };
    const words = typeof stderr === 'string' && stderr.trim() !== '' ? stderr.trim() : String(error);
    return { ok: false, isMissing: code === 'ENOENT', why: words.replaceAll(/\s*\n\s*/g, '; ') };
  }
}
