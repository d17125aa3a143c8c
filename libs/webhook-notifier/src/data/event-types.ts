import { BOOL, STRING, STRING_MAP, STRINGS, TIME } from '@node-termination-handler/go-template';
import type { GoType } from '@node-termination-handler/go-template';

/** The struct of the node's metadata, by the incumbent's names. */
export const NODE_METADATA: GoType = {
  name: 'ec2metadata.NodeMetadata',
  kind: 'struct',
  fields: [
    { name: 'AccountId', type: STRING, jsonName: 'accountId' },
    { name: 'InstanceID', type: STRING, jsonName: 'instanceId' },
    { name: 'InstanceLifeCycle', type: STRING, jsonName: 'instanceLifeCycle' },
    { name: 'InstanceType', type: STRING, jsonName: 'instanceType' },
    { name: 'PublicHostname', type: STRING, jsonName: 'publicHostname' },
    { name: 'PublicIP', type: STRING, jsonName: 'publicIp' },
    { name: 'LocalHostname', type: STRING, jsonName: 'localHostname' },
    { name: 'LocalIP', type: STRING, jsonName: 'privateIp' },
    { name: 'AvailabilityZone', type: STRING, jsonName: 'availabilityZone' },
    { name: 'Region', type: STRING, jsonName: 'region' },
  ],
};

/** What the incumbent's tasks before and after a drain are; here they are nil always. */
const DRAIN_TASK: GoType = { name: 'monitor.DrainTask', kind: 'func' };

/** The struct of an interruption event, by the incumbent's names and in its order, which `toJson` and `{{ . }}` show. */
export const INTERRUPTION_EVENT: GoType = {
  name: 'monitor.InterruptionEvent',
  kind: 'struct',
  fields: [
    { name: 'EventID', type: STRING },
    { name: 'Kind', type: STRING },
    { name: 'Monitor', type: STRING },
    { name: 'Description', type: STRING },
    { name: 'State', type: STRING },
    { name: 'AutoScalingGroupName', type: STRING },
    { name: 'NodeName', type: STRING },
    { name: 'NodeLabels', type: STRING_MAP },
    { name: 'Pods', type: STRINGS },
    { name: 'InstanceID', type: STRING },
    { name: 'ProviderID', type: STRING },
    { name: 'InstanceType', type: STRING },
    { name: 'IsManaged', type: BOOL },
    { name: 'StartTime', type: TIME },
    { name: 'EndTime', type: TIME },
    { name: 'NodeProcessed', type: BOOL },
    { name: 'InProgress', type: BOOL },
    { name: 'PreDrainTask', type: DRAIN_TASK, jsonName: '-' },
    { name: 'PostDrainTask', type: DRAIN_TASK, jsonName: '-' },
  ],
};

/** What a template gets as its dot: both, their fields promoted, and the two that both have decided. */
export const DRAIN_DATA: GoType = {
  name: 'webhook.combinedDrainData',
  kind: 'struct',
  fields: [
    { name: 'NodeMetadata', type: NODE_METADATA, isEmbedded: true },
    { name: 'InterruptionEvent', type: INTERRUPTION_EVENT, isEmbedded: true },
    { name: 'InstanceID', type: STRING },
    { name: 'InstanceType', type: STRING },
  ],
};
