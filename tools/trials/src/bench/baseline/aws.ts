/** Calls a service of AWS; answers are good enough for a sandbox that checks no signature. */
export interface BaselineAws {
  sqs(action: string, input: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  query(service: 'ec2' | 'autoscaling', form: Readonly<Record<string, string>>): Promise<string>;
}

/** Connects to the endpoint of the environment. */
export function connectAws(env: NodeJS.ProcessEnv): BaselineAws {
  const endpoint = env.AWS_ENDPOINT ?? '';
  const authorization = (service: string): string =>
    `AWS4-HMAC-SHA256 Credential=AKIDSANDBOX/20260101/${env.AWS_REGION ?? ''}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  return {
    sqs: async (action, input) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AmazonSQS.${action}`,
          authorization: authorization('sqs'),
        },
        body: JSON.stringify({ QueueUrl: env.QUEUE_URL, ...input }),
      });
      const text = await response.text();
      return text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
    },
    query: async (service, form) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: authorization(service) },
        body: new URLSearchParams({ Version: service === 'ec2' ? '2016-11-15' : '2011-01-01', ...form }).toString(),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text;
    },
  };
}
