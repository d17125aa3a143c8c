import * as v from 'valibot';

import type { GetOptions, ImdsClient } from './client.ts';
import { ImdsResponseError } from './errors.ts';

/** What the service says about the instance it runs on; a text that it does not give is empty. */
export interface NodeMetadata {
  readonly accountId: string;
  /** Never empty. */
  readonly instanceId: string;
  readonly instanceType: string;
  /** `on-demand`, `spot`, `scheduled` or `capacity-block`. */
  readonly instanceLifeCycle: string;
  readonly localHostname: string;
  readonly privateIp: string;
  readonly publicHostname: string;
  readonly publicIp: string;
  readonly availabilityZone: string;
  readonly region: string;
}

const IDENTITY_DOCUMENT = '/latest/dynamic/instance-identity/document';

/** Some fields are `null` where there is nothing to say. */
const optionalText = v.fallback(v.string(), '');

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/retrieve-iid.html */
const identityDocument = v.object({
  accountId: optionalText,
  instanceId: optionalText,
  instanceType: optionalText,
  privateIp: optionalText,
  availabilityZone: optionalText,
  region: optionalText,
});

/**
 * Reads the identity document and the documents beside it at the same time; what the identity document leaves out is read by itself.
 *
 * @throws as `get` does, and {@link ImdsResponseError} when the instance's id is not to be had.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
 */
export async function readNodeMetadata(imds: Pick<ImdsClient, 'get'>, options: GetOptions = {}): Promise<NodeMetadata> {
  const read = async (name: string) => (await imds.get(`/latest/meta-data/${name}`, options))?.trim() ?? '';

  const [identity, instanceLifeCycle, localHostname, publicHostname, publicIp] = await Promise.all([
    imds.get(IDENTITY_DOCUMENT, options).then(parseIdentity),
    read('instance-life-cycle'),
    read('local-hostname'),
    read('public-hostname'),
    read('public-ipv4'),
  ]);
  const orRead = (value: string, name: string) => (value === '' ? read(name) : value);
  const [instanceId, instanceType, privateIp, availabilityZone] = await Promise.all([
    orRead(identity.instanceId, 'instance-id'),
    orRead(identity.instanceType, 'instance-type'),
    orRead(identity.privateIp, 'local-ipv4'),
    orRead(identity.availabilityZone, 'placement/availability-zone'),
  ]);
  if (instanceId === '')
    throw new ImdsResponseError(
      '/latest/meta-data/instance-id',
      'names no instance: does a proxy in between, such as kiam or kube2iam, keep it back?',
    );
  return {
    accountId: identity.accountId,
    instanceId,
    instanceType,
    instanceLifeCycle,
    localHostname,
    privateIp,
    publicHostname,
    publicIp,
    availabilityZone,
    region: identity.region === '' ? regionOf(availabilityZone) : identity.region,
  };
}

/**
 * What every instance has, on every kind of network and at every price, below `/latest/meta-data/`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
 */
const EVERY_INSTANCE_HAS: readonly string[] = ['instance-id', 'instance-type', 'placement/availability-zone'];

/**
 * Finds documents that every instance has, and this service has not (404). That there are any says that something between it and us – a proxy
 * that guards credentials – lets only some through: it would hide notices as well, whose absence looks the same.
 *
 * @returns their paths.
 * @throws as `get` does.
 */
export async function hiddenDocuments(
  imds: Pick<ImdsClient, 'get'>,
  options: GetOptions = {},
): Promise<readonly string[]> {
  const paths = EVERY_INSTANCE_HAS.map((name) => `/latest/meta-data/${name}`);
  const bodies = await Promise.all(paths.map((path) => imds.get(path, options)));
  return paths.filter((_, index) => bodies[index] === undefined);
}

/** The identity document is a convenience: what it does not say is read from the other documents. */
function parseIdentity(body = ''): v.InferOutput<typeof identityDocument> {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), identityDocument), body);
  return result.success ? result.output : v.parse(identityDocument, {});
}

/** Zones are named after their region: `us-east-1a`, `us-west-2-lax-1b`. */
function regionOf(availabilityZone: string): string {
  return /^[a-z]+(?:-[a-z]+)+-\d+/.exec(availabilityZone)?.[0] ?? '';
}
