import { describe, expect, it } from 'vitest';

import { createImdsClient } from './client.ts';
import { ImdsResponseError } from './errors.ts';
import { hiddenDocuments, readNodeMetadata } from './node-metadata.ts';
import { startMetadataServer } from './testing/metadata-server.ts';

const DOCUMENT = '/latest/dynamic/instance-identity/document';

const identity = {
  accountId: '123456789012',
  instanceId: 'i-0b662ef9931388ba0',
  instanceType: 'm6i.large',
  privateIp: '10.0.0.7',
  availabilityZone: 'us-east-1a',
  region: 'us-east-1',
  kernelId: null,
};

const documents = {
  [DOCUMENT]: JSON.stringify(identity),
  '/latest/meta-data/instance-id': 'i-0b662ef9931388ba0',
  '/latest/meta-data/instance-type': 'm6i.large',
  '/latest/meta-data/instance-life-cycle': 'spot',
  '/latest/meta-data/local-hostname': 'ip-10-0-0-7.ec2.internal',
  '/latest/meta-data/local-ipv4': '10.0.0.7',
  '/latest/meta-data/public-hostname': 'ec2-1-2-3-4.compute-1.amazonaws.com',
  '/latest/meta-data/public-ipv4': '1.2.3.4',
  '/latest/meta-data/placement/availability-zone': 'us-east-1a',
};

const whole = {
  accountId: '123456789012',
  instanceId: 'i-0b662ef9931388ba0',
  instanceType: 'm6i.large',
  instanceLifeCycle: 'spot',
  localHostname: 'ip-10-0-0-7.ec2.internal',
  privateIp: '10.0.0.7',
  publicHostname: 'ec2-1-2-3-4.compute-1.amazonaws.com',
  publicIp: '1.2.3.4',
  availabilityZone: 'us-east-1a',
  region: 'us-east-1',
};

function read(entries: Readonly<Record<string, string | undefined>>) {
  return readNodeMetadata({ get: (path) => Promise.resolve(entries[path]) });
}

describe('hidden documents', () => {
  const hidden = (entries: Readonly<Record<string, string | undefined>>) =>
    hiddenDocuments({ get: (path) => Promise.resolve(entries[path]) });

  it('are those that every instance has, and a proxy keeps back (A14)', async () => {
    expect(await hidden({ ...documents, '/latest/meta-data/public-hostname': undefined })).toEqual([]);
    const { [DOCUMENT]: identityDocument } = documents;
    const ofKiam = { [DOCUMENT]: identityDocument, '/latest/meta-data/instance-id': 'i-0b662ef9931388ba0' };
    expect(await hidden(ofKiam)).toEqual([
      '/latest/meta-data/instance-type',
      '/latest/meta-data/placement/availability-zone',
    ]);
    expect(await hidden({})).toHaveLength(3);
  });

  it('are not to be told from a service that does not answer', async () => {
    const get = () => Promise.reject(new ImdsResponseError('/', 'is cut off'));
    await expect(hiddenDocuments({ get })).rejects.toBeInstanceOf(ImdsResponseError);
  });
});

describe('nodeMetadata', () => {
  it('reads everything, in few requests', async () => {
    await using server = await startMetadataServer(documents);
    using imds = createImdsClient({ endpoint: server.url });
    expect(await imds.nodeMetadata()).toEqual(whole);
    expect(server.seen.filter(({ method }) => method === 'GET')).toHaveLength(5);
  });

  it('leaves public names empty where there are none', async () => {
    const metadata = await read({
      ...documents,
      '/latest/meta-data/public-hostname': undefined,
      '/latest/meta-data/public-ipv4': undefined,
    });
    expect(metadata).toEqual({ ...whole, publicHostname: '', publicIp: '' });
  });

  it.each([undefined, 'half a docu', 'null', '[]', '{"instanceId":7,"accountId":null}'])(
    'does without the identity document: %s',
    async (document) => {
      expect(await read({ ...documents, [DOCUMENT]: document })).toEqual({ ...whole, accountId: '' });
    },
  );

  it.each([
    ['us-west-2-lax-1b', 'us-west-2'],
    ['us-gov-west-1a', 'us-gov-west-1'],
    ['', ''],
    ['somewhere', ''],
  ])('takes the region of zone %s for %s', async (zone, region) => {
    const metadata = await read({
      [DOCUMENT]: undefined,
      '/latest/meta-data/instance-id': 'i-1\n',
      '/latest/meta-data/placement/availability-zone': zone,
    });
    expect(metadata).toMatchObject({ instanceId: 'i-1', availabilityZone: zone, region });
  });

  it('fails when the instance has no id', async () => {
    await expect(read({})).rejects.toBeInstanceOf(ImdsResponseError);
  });

  it('ends with its signal', async () => {
    await using server = await startMetadataServer(documents);
    using imds = createImdsClient({ endpoint: server.url });
    await expect(imds.nodeMetadata({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });
});
