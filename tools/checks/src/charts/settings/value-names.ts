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
