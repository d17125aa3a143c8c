import { createImdsClient, watchDocuments } from '../src/index.ts';

const imds = createImdsClient({
  endpoint: process.env.INSTANCE_METADATA_URL ?? 'http://169.254.169.254',
  onNotice: ({ message }) => console.warn(message),
});

const { instanceId, availabilityZone } = await imds.nodeMetadata();
console.log(`this is ${instanceId} in ${availabilityZone}`);

const documents = [
  { name: 'spot', path: '/latest/meta-data/spot/instance-action', intervalMs: 500 },
  { name: 'rebalance', path: '/latest/meta-data/events/recommendations/rebalance', intervalMs: 2_000 },
];
for await (const observation of watchDocuments(imds, { documents, signal: AbortSignal.timeout(3_600_000) })) {
  if (observation.type === 'failed') console.warn(observation.name, observation.error);
  if (observation.type === 'changed') {
    console.log(`${observation.name}: ${observation.body ?? 'gone'}`);
    if (observation.name === 'spot') break;
  }
}
imds.close();
