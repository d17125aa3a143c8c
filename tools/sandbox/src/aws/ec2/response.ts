import type { Answer } from '../../http/answer.ts';
import { element, listElement, xmlDocument } from '../query/xml.ts';
import type { Xml } from '../query/xml.ts';
import type { InstancePage } from './describe-instances.ts';
import { instanceStateCodes } from './instance.ts';
import type { Ec2Instance } from './instance.ts';

const namespace = { xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/' };

function instanceElements(instance: Ec2Instance): Xml[] {
  return [
    element('instanceId', instance.instanceId),
    element('imageId', 'ami-0123456789abcdef0'),
    element('instanceState', [element('code', instanceStateCodes[instance.state]), element('name', instance.state)]),
    element('privateDnsName', instance.privateDnsName),
    element('dnsName', ''),
    element('reason', ''),
    element('amiLaunchIndex', 0),
    element('instanceType', instance.instanceType),
    element('launchTime', instance.launchTime.toISOString()),
    element('placement', [
      element('availabilityZone', instance.availabilityZone),
      element('groupName', ''),
      element('tenancy', 'default'),
    ]),
    element('monitoring', [element('state', 'disabled')]),
    element('privateIpAddress', instance.privateIpAddress === '' ? undefined : instance.privateIpAddress),
    element('architecture', 'x86_64'),
    element('instanceLifecycle', instance.lifecycle),
    listElement(
      'tagSet',
      'item',
      Object.entries(instance.tags).map(([key, value]) => [element('key', key), element('value', value)]),
    ),
    element('hypervisor', 'xen'),
  ];
}

/** A page of instances on the wire: grouped by reservation, as EC2 groups them. */
export function describeInstancesResponse(page: InstancePage, ownerId: string, requestId: string): Answer {
  const reservations = Map.groupBy(page.instances, (instance) => instance.reservationId);
  const root = element(
    'DescribeInstancesResponse',
    [
      element('requestId', requestId),
      listElement(
        'reservationSet',
        'item',
        [...reservations].map(([reservationId, instances]) => [
          element('reservationId', reservationId),
          element('ownerId', ownerId),
          element('groupSet', []),
          listElement('instancesSet', 'item', instances.map(instanceElements)),
        ]),
      ),
      element('nextToken', page.nextToken),
    ],
    namespace,
  );
  return { status: 200, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: xmlDocument(root) };
}

/** A failure on the wire, in EC2's own form (other services wrap theirs differently). */
export function ec2ErrorResponse(
  error: { readonly code: string; readonly message: string; readonly status: number },
  requestId: string,
): Answer {
  const root = element('Response', [
    element('Errors', [element('Error', [element('Code', error.code), element('Message', error.message)])]),
    element('RequestID', requestId),
  ]);
  return { status: error.status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: xmlDocument(root) };
}
