import type { Program } from '@node-termination-handler/settings';
import type { ChartSetting } from './value-names.ts';

/** A value that the chart sets though the program's default is another. */
export interface ChartDefault {
  readonly value: boolean | number;
  readonly why: string;
}

const probes: ChartDefault = { value: true, why: 'Kubernetes restarts what no longer works only if it can ask.' };

const chartDefaults: Readonly<Record<Program, Readonly<Record<string, ChartDefault>>>> = {
  'imds-agent': {
    enableASGLifecycleDraining: { value: true, why: "As in the Go handler's chart." },
    enableProbesServer: probes,
    prometheusServerPort: {
      value: 9096,
      why: "Not 9092, which the Go handler's DaemonSet may hold on the same host network.",
    },
    probesServerPort: {
      value: 9097,
      why: "Not 8080, which the Go handler's DaemonSet, or anything else, may hold on the same host network.",
    },
  },
  'queue-processor': { enableProbesServer: probes },
};

/** What the chart sets a value to on its own account. */
export function chartDefault(program: Program, value: string): ChartDefault | undefined {
  return chartDefaults[program][value];
}

/** The program's own default as text, as somebody would write it in a variable; empty when there is none to write. */
export function programDefault({ row }: ChartSetting): string {
  if (row.default !== undefined) return row.type.format(row.default);
  return row.defaultText?.startsWith('-1') === true ? '-1' : '';
}
