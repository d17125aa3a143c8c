import type { Clock } from '@node-termination-handler/clock';
import {
  BOOL,
  DURATION,
  funcType,
  goValue,
  INT,
  mapOf,
  parseTemplate,
  sliceOf,
  sprigFunctions,
  STRING,
  structType,
  TemplateError,
  TIME,
} from '@node-termination-handler/go-template/without-regex';
import type { FuncMap, GoValue } from '@node-termination-handler/go-template/without-regex';
import { instanceIdOf, instanceTypeOf, oneLine } from './default-body.ts';
import { InvalidTemplateError } from './errors.ts';
import type { WebhookNotification } from './notification.ts';
import type { WebhookTemplate } from './template.ts';

/** What errors call the template: the name the Go handler gives it. */
const TEMPLATE_NAME = 'message';

/** What a template is tried on before it is used. */
const EMPTY: WebhookNotification = { phase: 'received', metadata: {}, event: { eventId: '', kind: '' } };

/**
 * Makes a renderer of a template.
 *
 * @throws {@link InvalidTemplateError} when it does not parse, or fails on an event without content.
 */
export async function compileBody(source: string, clock: Clock): Promise<WebhookTemplate> {
  try {
    const template = await parseBody(source, clock);
    template.render(EMPTY);
    return template;
  } catch (error) {
    throw error instanceof TemplateError ? new InvalidTemplateError(error) : error;
  }
}

/**
 * Makes a renderer of a template that has not been tried.
 *
 * @throws {@link TemplateError} when it does not parse.
 */
export async function parseBody(source: string, clock: Clock): Promise<WebhookTemplate> {
  const template = parseTemplate(source, { name: TEMPLATE_NAME, funcs: await functionsFor(source, clock) });
  return { render: (notification) => Buffer.from(template.executeBytes(templateData(notification)).buffer) };
}

/** The engine for regular expressions is loaded for a template that says `regexMatch`, `mustRegexFind` or their like. */
async function functionsFor(source: string, clock: Clock): Promise<FuncMap> {
  const options = { now: () => new Date(clock.now()) };
  if (!source.includes('egex')) return sprigFunctions(options);
  const complete = await import('./template-regex.ts');
  return complete.sprigFunctions(options);
}

/** The struct of the node's metadata, by the Go handler's names. */
export const NODE_METADATA = structType('ec2metadata.NodeMetadata', {
  AccountId: { type: STRING, json: 'accountId' },
  InstanceID: { type: STRING, json: 'instanceId' },
  InstanceLifeCycle: { type: STRING, json: 'instanceLifeCycle' },
  InstanceType: { type: STRING, json: 'instanceType' },
  PublicHostname: { type: STRING, json: 'publicHostname' },
  PublicIP: { type: STRING, json: 'publicIp' },
  LocalHostname: { type: STRING, json: 'localHostname' },
  LocalIP: { type: STRING, json: 'privateIp' },
  AvailabilityZone: { type: STRING, json: 'availabilityZone' },
  Region: { type: STRING, json: 'region' },
});

/** What the Go handler's tasks before and after a drain are; here they are nil always, and of their type only the name is ever seen. */
const DRAIN_TASK = funcType('monitor.DrainTask', {
  params: [structType('monitor.InterruptionEvent', {}), structType('node.Node', {})],
});

/** The struct of an interruption event, by the Go handler's names and in its order, which `toJson` and `{{ . }}` show. */
export const INTERRUPTION_EVENT = structType('monitor.InterruptionEvent', {
  EventID: STRING,
  Kind: STRING,
  Monitor: STRING,
  Description: STRING,
  State: STRING,
  AutoScalingGroupName: STRING,
  NodeName: STRING,
  NodeLabels: mapOf(STRING),
  Pods: sliceOf(STRING),
  InstanceID: STRING,
  ProviderID: STRING,
  InstanceType: STRING,
  IsManaged: BOOL,
  StartTime: TIME,
  EndTime: TIME,
  NodeProcessed: BOOL,
  InProgress: BOOL,
  PreDrainTask: { type: DRAIN_TASK, json: '-' },
  PostDrainTask: { type: DRAIN_TASK, json: '-' },
});

const NANOSECONDS_PER_MS = 1_000_000;

/** What the Go handler does not tell. */
const NEW_DATA = {
  Phase: ({ notification }: Told) => notification.phase,
  Summary: ({ notification }: Told) => oneLine(notification.summary ?? ''),
  Reason: ({ notification }: Told) => oneLine(notification.reason ?? ''),
  PodCounts: ({ notification }: Told) => goValue(mapOf(INT), notification.podCounts ?? {}),
  Duration: ({ notification }: Told) =>
    goValue(DURATION, Math.round((notification.durationMs ?? 0) * NANOSECONDS_PER_MS)),
  OtherEvents: ({ notification }: Told) => goValue(sliceOf(STRING), notification.otherEvents ?? []),
};

interface Told {
  readonly notification: WebhookNotification;
}

/**
 * What a template gets as its dot: both, their fields promoted, and the two that both have decided.
 *
 * What is new here are methods, for `toJson .` and `{{ . }}` to show what they show with the Go handler.
 */
const DRAIN_DATA = structType<Told>(
  'webhook.combinedDrainData',
  {
    NodeMetadata: { type: NODE_METADATA, embedded: true },
    InterruptionEvent: { type: INTERRUPTION_EVENT, embedded: true },
    InstanceID: STRING,
    InstanceType: STRING,
  },
  NEW_DATA,
);

/** Makes of a notification what a template gets: the struct the Go handler would hand to it. */
function templateData(notification: WebhookNotification): GoValue {
  const { metadata, event } = notification;
  return goValue(DRAIN_DATA, {
    notification,
    NodeMetadata: {
      AccountId: metadata.accountId,
      InstanceID: metadata.instanceId,
      InstanceLifeCycle: metadata.instanceLifeCycle,
      InstanceType: metadata.instanceType,
      PublicHostname: metadata.publicHostname,
      PublicIP: metadata.publicIp,
      LocalHostname: metadata.localHostname,
      LocalIP: metadata.localIp,
      AvailabilityZone: metadata.availabilityZone,
      Region: metadata.region,
    },
    InterruptionEvent: {
      EventID: event.eventId,
      Kind: event.kind,
      Monitor: event.monitor,
      Description: oneLine(event.description ?? ''),
      State: event.state,
      AutoScalingGroupName: event.autoScalingGroupName,
      NodeName: event.nodeName,
      NodeLabels: event.nodeLabels,
      Pods: event.pods,
      InstanceID: event.instanceId,
      ProviderID: event.providerId,
      InstanceType: event.instanceType,
      IsManaged: event.isManaged,
      StartTime: validDate(event.startTime),
      EndTime: validDate(event.endTime),
      NodeProcessed: event.nodeProcessed,
      InProgress: event.inProgress,
    },
    InstanceID: instanceIdOf(notification),
    InstanceType: instanceTypeOf(notification),
  });
}

/** A date that is none is not known: Go's zero time, as for one that is absent. */
function validDate(date: Date | undefined): Date | undefined {
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}
