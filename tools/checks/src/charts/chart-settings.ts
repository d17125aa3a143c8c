import { settingRows } from '@node-termination-handler/settings';
import type { Program, Setting } from '@node-termination-handler/settings';

/** A setting that a chart has a value for. */
export interface ChartSetting {
  /** The name in `values.yaml`: that of the Go handler's chart where it has one. */
  readonly value: string;
  readonly row: Setting;
}

/** Names that do not follow from the variable's: the Go handler's chart has them so. */
const irregular: Readonly<Record<string, string>> = {
  ENABLE_ASG_LIFECYCLE_DRAINING: 'enableASGLifecycleDraining',
  INSTANCE_METADATA_URL: 'instanceMetadataURL',
  KUBE_API_BURST: 'kubeAPIBurst',
  KUBE_API_QPS: 'kubeAPIQPS',
  QUEUE_URL: 'queueURL',
  UPTIME_FROM_FILE: 'procUptimeFile',
  USE_APISERVER_CACHE: 'useAPIServerCacheToListPods',
  WEBHOOK_URL: 'webhookURL',
};

/** Variables that the templates fill in, or that have no place in a pod. */
const withoutValue = new Set([
  'NODE_NAME',
  'POD_NAME',
  'NAMESPACE',
  'CLAIM_LEASE_NAME',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'KUBECONFIG',
  'WEBHOOK_TEMPLATE_FILE',
  'ENABLE_SQS_TERMINATION_DRAINING',
]);

/** The settings that the chart of a program has values for, in the order of the documentation. */
export function chartSettings(program: Program): readonly ChartSetting[] {
  const rows: readonly Setting[] = settingRows;
  return rows
    .filter((row) => row.programs.includes(program) && !withoutValue.has(row.name))
    .map((row) => ({ value: irregular[row.name] ?? camelCase(row.name), row }));
}

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** A value that the chart sets though the program's default is another. */
interface ChartDefault {
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
