import {
  bool,
  fn0,
  fromDate,
  goString,
  STRING_MAP,
  string,
  STRINGS,
  strings,
  timeValue,
  zeroOf,
} from '@node-termination-handler/go-template';
import type { GoFunction, GoType, StructValue, Value } from '@node-termination-handler/go-template';
import type { WebhookNotification } from '../notification.ts';
import { DRAIN_DATA, INTERRUPTION_EVENT, NODE_METADATA } from './event-types.ts';
import { instanceIdOf, instanceTypeOf } from './instance.ts';
import { oneLine } from './one-line.ts';

/** Makes of a notification what a template gets: the struct the incumbent would hand to it. */
export function eventValue(notification: WebhookNotification): StructValue {
  return struct(DRAIN_DATA, {
    NodeMetadata: metadataValue(notification),
    InterruptionEvent: interruptionValue(notification),
    InstanceID: text(instanceIdOf(notification)),
    InstanceType: text(instanceTypeOf(notification)),
  });
}

/**
 * The methods of that struct: `.Phase`, which is new here.
 *
 * A method, for `toJson .` and `{{ . }}` to show what they show with the incumbent.
 */
export function eventMethods(
  notification: WebhookNotification,
): ReadonlyMap<GoType, ReadonlyMap<string, (value: Value) => GoFunction>> {
  return new Map([[DRAIN_DATA, new Map([['Phase', () => fn0(() => string(notification.phase))]])]]);
}

function metadataValue({ metadata }: WebhookNotification): StructValue {
  return struct(NODE_METADATA, {
    AccountId: text(metadata.accountId),
    InstanceID: text(metadata.instanceId),
    InstanceLifeCycle: text(metadata.instanceLifeCycle),
    InstanceType: text(metadata.instanceType),
    PublicHostname: text(metadata.publicHostname),
    PublicIP: text(metadata.publicIp),
    LocalHostname: text(metadata.localHostname),
    LocalIP: text(metadata.localIp),
    AvailabilityZone: text(metadata.availabilityZone),
    Region: text(metadata.region),
  });
}

function interruptionValue({ event }: WebhookNotification): StructValue {
  return struct(INTERRUPTION_EVENT, {
    EventID: text(event.eventId),
    Kind: text(event.kind),
    Monitor: text(event.monitor),
    Description: text(oneLine(event.description ?? '')),
    State: text(event.state),
    AutoScalingGroupName: text(event.autoScalingGroupName),
    NodeName: text(event.nodeName),
    NodeLabels: labels(event.nodeLabels),
    Pods: event.pods === undefined ? zeroOf(STRINGS) : strings(event.pods.map(goString)),
    InstanceID: text(event.instanceId),
    ProviderID: text(event.providerId),
    InstanceType: text(event.instanceType),
    IsManaged: bool(event.isManaged ?? false),
    StartTime: timeValue(fromDate(event.startTime)),
    EndTime: timeValue(fromDate(event.endTime)),
    NodeProcessed: bool(event.nodeProcessed ?? false),
    InProgress: bool(event.inProgress ?? false),
  });
}

function struct(type: GoType, values: Readonly<Record<string, Value>>): StructValue {
  return { tag: 'struct', type, values: (type.fields ?? []).map((field) => values[field.name] ?? zeroOf(field.type)) };
}

function text(value: string | undefined): Value {
  return string(goString((value ?? '').toWellFormed()));
}

function labels(nodeLabels: Readonly<Record<string, string>> | undefined): Value {
  if (nodeLabels === undefined) return zeroOf(STRING_MAP);
  const entries = Object.entries(nodeLabels).map(([name, value]) => [goString(name), text(value)] as const);
  return { tag: 'map', type: STRING_MAP, entries: new Map(entries), isNil: false };
}
