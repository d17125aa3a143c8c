import { parseSettings } from './parse.ts';
import type { CrossCheck, ParsedSettings, SettingsInput } from './parse.ts';
import { settingRows } from './rows/all.ts';
import type { Program, SettingsOf } from './setting.ts';

/** The settings of imds-agent. */
export type ImdsAgentSettings = SettingsOf<typeof settingRows, 'imds-agent'>;

/** The settings of queue-processor. */
export type QueueProcessorSettings = SettingsOf<typeof settingRows, 'queue-processor'>;

/** The settings that both programs have. */
export type SharedSettings = Pick<QueueProcessorSettings, keyof ImdsAgentSettings & keyof QueueProcessorSettings>;

const longestHeartbeatSeconds = 172_800;

interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

function checkShared(settings: SharedSettings): Findings {
  const problems: string[] = [];
  const warnings: string[] = [];
  if (settings.webhookTemplate !== undefined && settings.webhookTemplateFile !== undefined) {
    problems.push('WEBHOOK_TEMPLATE and WEBHOOK_TEMPLATE_FILE are both set: give one of them');
  }
  const template = settings.webhookTemplate ?? settings.webhookTemplateFile;
  if (settings.webhookPreset !== undefined && template !== undefined) {
    const name = settings.webhookTemplate === undefined ? 'WEBHOOK_TEMPLATE_FILE' : 'WEBHOOK_TEMPLATE';
    problems.push(`WEBHOOK_PRESET=${settings.webhookPreset} and ${name} are both set: give one of them`);
  }
  if (settings.webhookUrl === undefined && (template ?? settings.webhookPreset) !== undefined) {
    const what = template === undefined ? 'preset' : 'template';
    warnings.push(`a webhook ${what} is given, but WEBHOOK_URL is not: no webhook will be sent`);
  }
  if (settings.jsonLogging && settings.logFormat !== undefined && settings.logFormat !== 'json') {
    problems.push(`JSON_LOGGING=true and LOG_FORMAT=${settings.logFormat} are both set: give one of them`);
  }
  if (settings.kubeApiBurst !== undefined && settings.kubeApiQps === undefined) {
    warnings.push('KUBE_API_BURST has no effect without KUBE_API_QPS');
  }
  if (settings.enableOutOfServiceTaint && settings.cordonOnly) {
    warnings.push('ENABLE_OUT_OF_SERVICE_TAINT has no effect with CORDON_ONLY');
  }
  if (
    settings.enablePrometheusServer &&
    settings.enableProbesServer &&
    settings.prometheusServerPort === settings.probesServerPort &&
    settings.probesServerPort !== 0
  ) {
    problems.push(
      `PROMETHEUS_SERVER_PORT and PROBES_SERVER_PORT are both ${settings.probesServerPort}: give each its own`,
    );
  }
  return { problems, warnings };
}

/** Rules over several settings of imds-agent. */
export const checkImdsAgent: CrossCheck<ImdsAgentSettings> = (settings) => {
  const { problems, warnings } = checkShared(settings);
  if (settings.enableSqsTerminationDraining === true) {
    problems.push('ENABLE_SQS_TERMINATION_DRAINING=true asks for the queue: run queue-processor, or leave it out');
  }
  const watching = [
    settings.enableSpotInterruptionDraining,
    settings.enableScheduledEventDraining,
    settings.enableAsgLifecycleDraining,
    settings.enableRebalanceMonitoring,
    settings.enableRebalanceDraining,
    settings.rebalanceAction === 'cordon' || settings.rebalanceAction === 'drain',
  ];
  if (!watching.includes(true)) warnings.push('every kind of event is switched off: this program will do nothing');
  if (settings.completeLifecycleActionFromAgent && !settings.enableAsgLifecycleDraining) {
    warnings.push('COMPLETE_LIFECYCLE_ACTION_FROM_AGENT has no effect without ENABLE_ASG_LIFECYCLE_DRAINING');
  }
  return { settings, problems, warnings };
};

/** Rules over several settings of queue-processor; fills in `HEARTBEAT_UNTIL` when only the interval is given. */
export const checkQueueProcessor: CrossCheck<QueueProcessorSettings> = (settings) => {
  const { problems, warnings } = checkShared(settings);
  const { heartbeatIntervalSeconds: interval, heartbeatUntilSeconds: until } = settings;
  if (settings.enableSqsTerminationDraining === false) {
    problems.push(
      'ENABLE_SQS_TERMINATION_DRAINING=false asks for the instance metadata: run imds-agent, or leave it out',
    );
  }
  if (interval === undefined && until !== undefined) {
    problems.push('HEARTBEAT_UNTIL is set without HEARTBEAT_INTERVAL: set both');
  }
  if (typeof interval === 'number' && until !== undefined && interval > until) {
    problems.push(`HEARTBEAT_INTERVAL=${interval} must not be above HEARTBEAT_UNTIL=${until}`);
  }
  const heartbeatUntilSeconds = interval === undefined ? until : (until ?? longestHeartbeatSeconds);
  return { settings: { ...settings, heartbeatUntilSeconds }, problems, warnings };
};

type Input = Omit<SettingsInput<Program>, 'program'>;

/** The settings of imds-agent, from every row that concerns it, with the rules over several settings applied. */
export function loadImdsAgentSettings({ argv, env }: Input): ParsedSettings<ImdsAgentSettings> {
  return parseSettings(settingRows, { argv, env, program: 'imds-agent' }, checkImdsAgent);
}

/** The settings of queue-processor, from every row that concerns it, with the rules over several settings applied. */
export function loadQueueProcessorSettings({ argv, env }: Input): ParsedSettings<QueueProcessorSettings> {
  return parseSettings(settingRows, { argv, env, program: 'queue-processor' }, checkQueueProcessor);
}
