import { describe, expect, it } from 'vitest';
import { readQueueUrl } from './queue-url.ts';

describe('the URL of a queue', () => {
  it.each([
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/q', 'eu-west-1'],
    ['https://SQS.eu-west-1.amazonaws.com/123456789012/q', 'eu-west-1'],
    ['https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/q', 'us-gov-west-1'],
    ['https://sqs.us-gov-east-1.amazonaws.com/123456789012/q', 'us-gov-east-1'],
    ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q', 'cn-north-1'],
    ['https://sqs.us-iso-east-1.c2s.ic.gov/123456789012/q', 'us-iso-east-1'],
    ['https://sqs.us-isob-east-1.sc2s.sgov.gov/123456789012/q', 'us-isob-east-1'],
    ['https://sqs.eu-isoe-west-1.cloud.adc-e.uk/123456789012/q', 'eu-isoe-west-1'],
    ['https://sqs.us-isof-south-1.csp.hci.ic.gov/123456789012/q', 'us-isof-south-1'],
    ['https://sqs.eusc-de-east-1.amazonaws.eu/123456789012/q', 'eusc-de-east-1'],
    ['https://sqs.eu-central-1.api.aws/123456789012/q', 'eu-central-1'],
    ['https://sqs-fips.us-east-2.api.aws/123456789012/q', 'us-east-2'],
    ['https://sqs.cn-northwest-1.api.amazonwebservices.com.cn/123456789012/q', 'cn-northwest-1'],
    ['https://vpce-0a1b2c3d-4e5f6a7b.sqs.ap-southeast-2.vpce.amazonaws.com/123456789012/q', 'ap-southeast-2'],
    ['https://vpce-0a1b2c3d-4e5f6a7b-us-east-1a.sqs.us-east-1.vpce.amazonaws.com/123456789012/q', 'us-east-1'],
    ['https://vpce-0a1b2c3d-4e5f6a7b.sqs.cn-north-1.vpce.amazonaws.com.cn/123456789012/q', 'cn-north-1'],
  ])('%s names its region, and is where SQS is called (A9)', (url, region) => {
    expect(readQueueUrl(url)).toEqual({ endpoint: new URL(url).origin, region });
  });

  it.each([
    ['https://queue.amazonaws.com/123456789012/q', 'us-east-1', 'https://sqs.us-east-1.amazonaws.com'],
    ['https://eu-west-1.queue.amazonaws.com/123456789012/q', 'eu-west-1', 'https://sqs.eu-west-1.amazonaws.com'],
    ['http://cn-north-1.queue.amazonaws.com.cn/1/q', 'cn-north-1', 'https://sqs.cn-north-1.amazonaws.com.cn'],
  ])('%s, as it was written once, is that of today’s endpoint', (url, region, endpoint) => {
    expect(readQueueUrl(url)).toMatchObject({ region, endpoint });
  });

  it.each([
    'http://127.0.0.1:4566/000000000000/q',
    'http://localhost:9324/queue/q',
    'https://queues.corp.example/123456789012/q',
    'https://sqs.eu-west-1.amazonaws.com.evil.example/123456789012/q',
    'https://ec2.eu-west-1.amazonaws.com/123456789012/q',
  ])('%s names none', (url) => {
    expect(readQueueUrl(url)).toMatchObject({ region: undefined, endpoint: new URL(url).origin });
  });

  it('that is none is refused', () => {
    expect(() => readQueueUrl('queue')).toThrow(TypeError);
  });
});
