import type { Answer } from '../../http/answer.ts';
import { ec2Xml } from '../call.ts';
import { xmlAnswer } from '../query-protocol.ts';
import type { QueryForm, XmlContent } from '../query-protocol.ts';
import { instanceStateCodes } from './instances.ts';
import type { Ec2Instance, Ec2Store } from './instances.ts';
import { selectInstances } from './select-instances.ts';
import type { FilterAttributes } from './select-instances.ts';

const attributes: FilterAttributes = {
  'instance-id': (instance) => [instance.instanceId],
  'instance-state-name': (instance) => [instance.state],
  'instance-state-code': (instance) => [String(instanceStateCodes[instance.state])],
  'instance-type': (instance) => [instance.instanceType],
  'instance-lifecycle': (instance) => (instance.lifecycle === undefined ? [] : [instance.lifecycle]),
  'availability-zone': (instance) => [instance.availabilityZone],
  'private-dns-name': (instance) => [instance.privateDnsName],
  'private-ip-address': (instance) => [instance.privateIpAddress],
  'reservation-id': (instance) => [instance.reservationId],
  'tag-key': (instance) => Object.keys(instance.tags),
};

function instanceContent(instance: Ec2Instance): XmlContent {
  const { instanceId, state, privateDnsName, privateIpAddress, instanceType, availabilityZone, lifecycle } = instance;
  return {
    instanceId,
    imageId: 'ami-0123456789abcdef0',
    instanceState: { code: instanceStateCodes[state], name: state },
    privateDnsName,
    dnsName: '',
    reason: '',
    amiLaunchIndex: 0,
    instanceType,
    // EC2 says it in whole seconds.
    launchTime: instance.launchTime.toISOString().replace(/\.\d{3}Z$/, '.000Z'),
    placement: { availabilityZone, groupName: '', tenancy: 'default' },
    monitoring: { state: 'disabled' },
    privateIpAddress: privateIpAddress === '' ? undefined : privateIpAddress,
    architecture: 'x86_64',
    instanceLifecycle: lifecycle,
    tagSet: { item: Object.entries(instance.tags).map(([key, value]) => ({ key, value })) },
    hypervisor: 'xen',
  };
}

/**
 * DescribeInstances, as EC2 decides and writes it: grouped by reservation.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
 * @throws AwsServiceError for ids, filters and pages that EC2 refuses
 */
export function describeInstances(store: Ec2Store, form: QueryForm, ownerId: string, requestId: string): Answer {
  const page = selectInstances(store, form, attributes);
  const reservations = [...Map.groupBy(page.instances, ({ reservationId }) => reservationId)];
  const item = reservations.map(([reservationId, instances]) => ({
    reservationId,
    ownerId,
    groupSet: {},
    instancesSet: { item: instances.map(instanceContent) },
  }));
  const content = { requestId, reservationSet: { item }, nextToken: page.nextToken };
  return xmlAnswer(200, 'DescribeInstancesResponse', content, ec2Xml);
}
