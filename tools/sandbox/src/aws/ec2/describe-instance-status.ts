import type { Answer } from '../../http/answer.ts';
import { AwsServiceError, ec2Xml } from '../call.ts';
import { xmlAnswer } from '../query-protocol.ts';
import type { QueryForm, XmlContent } from '../query-protocol.ts';
import { instanceStateCodes } from './instances.ts';
import type { Ec2Instance, Ec2Store } from './instances.ts';
import { selectInstances } from './select-instances.ts';
import type { FilterAttributes } from './select-instances.ts';

const attributes: FilterAttributes = {
  'availability-zone': (instance) => [instance.availabilityZone],
  'event.code': (instance) => instance.scheduledEvents.map(({ code }) => code),
  'event.description': (instance) => instance.scheduledEvents.map(({ description }) => description),
  'event.instance-event-id': (instance) => instance.scheduledEvents.map(({ eventId }) => eventId),
  'instance-state-code': (instance) => [String(instanceStateCodes[instance.state])],
  'instance-state-name': (instance) => [instance.state],
};

/** How many instances may be named in one call. */
const MAX_IDS = 100;

/**
 * DescribeInstanceStatus, as EC2 decides and writes it: running instances unless all are asked for, each with its scheduled events. A filter
 * chooses instances, not events: one that passes shows all of its events.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html
 * @throws AwsServiceError for ids, filters and pages that EC2 refuses
 */
export function describeInstanceStatus(store: Ec2Store, form: QueryForm, requestId: string): Answer {
  if (form.list('InstanceId').length > MAX_IDS) {
    throw new AwsServiceError('InvalidParameterValue', `The maximum number of instance IDs is ${MAX_IDS}`);
  }
  const hasAll = form.get('IncludeAllInstances') === 'true';
  const { described } = store;
  const list = () => described.list().filter(({ state }) => hasAll || state === 'running');
  const shown: Ec2Store = { ...store, described: { ...described, list } };
  const { instances, nextToken } = selectInstances(shown, form, attributes);
  const item = instances.filter(({ state }) => hasAll || state === 'running').map(statusContent);
  const content = { requestId, instanceStatusSet: { item }, nextToken };
  return xmlAnswer(200, 'DescribeInstanceStatusResponse', content, ec2Xml);
}

function statusContent({ instanceId, availabilityZone, state, scheduledEvents }: Ec2Instance): XmlContent {
  const status = state === 'running' ? 'ok' : 'not-applicable';
  const item = scheduledEvents.map(({ eventId, code, description, notBefore, notAfter }) => ({
    instanceEventId: eventId,
    code,
    description,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter?.toISOString(),
  }));
  return {
    instanceId,
    availabilityZone,
    eventsSet: item.length === 0 ? undefined : { item },
    instanceState: { code: instanceStateCodes[state], name: state },
    systemStatus: { status },
    instanceStatus: { status },
  };
}
