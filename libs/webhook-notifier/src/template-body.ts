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
import type { FuncMap, GoType, GoValue, Template } from '@node-termination-handler/go-template/without-regex';
import { instanceIdOf, instanceTypeOf, oneLine } from './default-body.ts';
import { InvalidTemplateError } from './errors.ts';
import { outcomeOf, severityOf } from './notification.ts';
import type { NotificationEvent, NotificationMetadata, WebhookNotification } from './notification.ts';
import type { TemplateOptions, WebhookTemplate } from './template.ts';

/** What errors call the template: the name the Go handler gives it. */
const TEMPLATE_NAME = 'message';

/** What a template is tried on before it is used. */
const EMPTY: WebhookNotification = { phase: 'received', metadata: {}, event: { eventId: '', kind: '' } };

/** What a template may see beside the notification. */
export interface TemplateContext extends TemplateOptions {
  readonly clock: Clock;
  /** What `key` gives. Default: no template may name it. */
  readonly key?: string | undefined;
}

/**
 * Makes a renderer of a template.
 *
 * @throws {@link InvalidTemplateError} when it does not parse, or fails on an event without content.
 */
export async function compileBody(source: string, context: TemplateContext): Promise<WebhookTemplate> {
  try {
    const body = await parseBody(source, context);
    body.render(EMPTY);
    return body;
  } catch (error) {
    throw error instanceof TemplateError ? new InvalidTemplateError(error) : error;
  }
}

/** An event that comes once a month must not be the first to show that its part of the template names a variable that is not allowed. */
function refuseOtherVariables(template: Template, { env }: TemplateContext): void {
  if (env === undefined) return;
  const other = template.literalArguments('env').find(({ text }) => !Object.hasOwn(env, text));
  if (other === undefined) return;
  const { line, text } = other;
  const message = `template: ${TEMPLATE_NAME}:${line}: the variable ${JSON.stringify(text)} is none of those allowed: ${Object.keys(env).join(', ')}`;
  throw new TemplateError('parse', { template: TEMPLATE_NAME, line }, message);
}

/**
 * Makes a renderer of a template that has not been tried.
 *
 * @throws {@link TemplateError} when it does not parse, or names a variable that is not allowed.
 */
export async function parseBody(source: string, context: TemplateContext): Promise<WebhookTemplate> {
  const template = parseTemplate(source, { name: TEMPLATE_NAME, funcs: await functionsFor(source, context) });
  refuseOtherVariables(template, context);
  const { env = {} } = context;
  return { render: (notification) => Buffer.from(template.executeBytes(templateData(notification, env)).buffer) };
}

/** The engine for regular expressions is loaded for a template that says `regexMatch`, `mustRegexFind` or their like. */
async function functionsFor(source: string, { clock, env, key }: TemplateContext): Promise<FuncMap> {
  const options = { now: () => new Date(clock.now()), ...(env === undefined ? {} : { env }) };
  const sprig = source.includes('egex') ? (await import('./template-regex.ts')).sprigFunctions : sprigFunctions;
  return { ...sprig(options), ...(key === undefined ? {} : { key: () => key }) };
}

/** The fields of the node's metadata by the Go handler's names, and what the notification calls each. */
const METADATA_FIELDS = {
  AccountId: 'accountId',
  InstanceID: 'instanceId',
  InstanceLifeCycle: 'instanceLifeCycle',
  InstanceType: 'instanceType',
  PublicHostname: 'publicHostname',
  PublicIP: 'publicIp',
  LocalHostname: 'localHostname',
  LocalIP: 'localIp',
  AvailabilityZone: 'availabilityZone',
  Region: 'region',
} as const satisfies Record<string, keyof NotificationMetadata>;

/** The struct of the node's metadata, by the Go handler's names. */
export const NODE_METADATA = structType(
  'ec2metadata.NodeMetadata',
  mapEach(METADATA_FIELDS, (key) => ({ type: STRING, json: key === 'localIp' ? 'privateIp' : key })),
);

/** What the Go handler's tasks before and after a drain are; here they are nil always, and of their type only the name is ever seen. */
const DRAIN_TASK = funcType('monitor.DrainTask', {
  params: [structType('monitor.InterruptionEvent', {}), structType('node.Node', {})],
});

/** The fields of an interruption event by the Go handler's names and in its order, which `toJson` and `{{ . }}` show, and the notification's. */
const EVENT_FIELDS = {
  EventID: ['eventId', STRING],
  Kind: ['kind', STRING],
  Monitor: ['monitor', STRING],
  Description: ['description', STRING],
  State: ['state', STRING],
  AutoScalingGroupName: ['autoScalingGroupName', STRING],
  NodeName: ['nodeName', STRING],
  NodeLabels: ['nodeLabels', mapOf(STRING)],
  Pods: ['pods', sliceOf(STRING)],
  InstanceID: ['instanceId', STRING],
  ProviderID: ['providerId', STRING],
  InstanceType: ['instanceType', STRING],
  IsManaged: ['isManaged', BOOL],
  StartTime: ['startTime', TIME],
  EndTime: ['endTime', TIME],
  NodeProcessed: ['nodeProcessed', BOOL],
  InProgress: ['inProgress', BOOL],
} as const satisfies Record<string, readonly [keyof NotificationEvent, GoType]>;

/** The struct of an interruption event. */
export const INTERRUPTION_EVENT = structType('monitor.InterruptionEvent', {
  ...mapEach(EVENT_FIELDS, ([, type]) => type),
  PreDrainTask: { type: DRAIN_TASK, json: '-' },
  PostDrainTask: { type: DRAIN_TASK, json: '-' },
});

function mapEach<Value, To>(table: Readonly<Record<string, Value>>, to: (value: Value) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, to(value)]));
}

const NANOSECONDS_PER_MS = 1_000_000;

/** What the Go handler does not tell. */
export const NEW_DATA = {
  Phase: ({ notification }: Told) => notification.phase,
  Outcome: ({ notification }: Told) => outcomeOf(notification),
  Severity: ({ notification }: Told) => severityOf(notification),
  Summary: ({ notification }: Told) => oneLine(notification.summary ?? ''),
  Reason: ({ notification }: Told) => oneLine(notification.reason ?? ''),
  PodCounts: ({ notification }: Told) => goValue(mapOf(INT), notification.podCounts ?? {}),
  PodsEvicted: (told: Told) => pods(told, 'evicted'),
  PodsHurried: (told: Told) => pods(told, 'hurried'),
  PodsDeleted: (told: Told) => pods(told, 'deleted-past-'),
  PodsLeft: (told: Told) => pods(told, 'left'),
  PodsLost: (told: Told) => pods(told, 'lost'),
  Duration: ({ notification }: Told) =>
    goValue(DURATION, Math.round((notification.durationMs ?? 0) * NANOSECONDS_PER_MS)),
  OtherEvents: ({ notification }: Told) => goValue(sliceOf(STRING), notification.otherEvents ?? []),
  Env: ({ env }: Told) => goValue(mapOf(STRING), env),
};

interface Told {
  readonly notification: WebhookNotification;
  readonly env: Readonly<Record<string, string>>;
}

/** How many pods came to an outcome, or to one of those that begin so. */
function pods({ notification: { podCounts = {} } }: Told, outcome: string): GoValue {
  const counts = Object.entries(podCounts).filter(([name]) => name.startsWith(outcome));
  return goValue(
    INT,
    counts.reduce((sum, [, count]) => sum + count, 0),
  );
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
function templateData(notification: WebhookNotification, env: Readonly<Record<string, string>>): GoValue {
  const { metadata, event } = notification;
  return goValue(DRAIN_DATA, {
    notification,
    env,
    NodeMetadata: mapEach(METADATA_FIELDS, (key) => metadata[key]),
    InterruptionEvent: {
      ...mapEach(EVENT_FIELDS, ([key]) => event[key]),
      Description: oneLine(event.description ?? ''),
      StartTime: validDate(event.startTime),
      EndTime: validDate(event.endTime),
    },
    InstanceID: instanceIdOf(notification),
    InstanceType: instanceTypeOf(notification),
  });
}

/** A date that is none is not known: Go's zero time, as for one that is absent. */
function validDate(date: Date | undefined): Date | undefined {
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}
