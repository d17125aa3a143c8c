import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SQSClient } from '@aws-sdk/client-sqs';

/** The real AWS clients, against the sandbox: they judge the wire formats. */
export function awsClients(endpoint: string, region = 'us-east-1') {
  const config = {
    endpoint,
    region,
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
  };
  const sqs = new SQSClient(config);
  const ec2 = new EC2Client(config);
  const autoScaling = new AutoScalingClient(config);
  return {
    sqs,
    ec2,
    autoScaling,
    [Symbol.dispose]: () => {
      for (const client of [sqs, ec2, autoScaling]) client.destroy();
    },
  };
}
