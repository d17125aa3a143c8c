/** What a program is started with. */
export type ProgramEnvironment = Readonly<Record<string, string>>;

/** Where a program finds the sandbox's Kubernetes API, and whom to tell. */
export interface CommonPlaces {
  /** Path of a kubeconfig file. */
  readonly kubeconfig: string;
  readonly webhookUrl: string | undefined;
}

function common({ kubeconfig, webhookUrl }: CommonPlaces): ProgramEnvironment {
  return { KUBECONFIG: kubeconfig, ...(webhookUrl !== undefined && { WEBHOOK_URL: webhookUrl }) };
}

/** The environment of the imds-agent of one node. */
export function agentEnvironment(
  places: CommonPlaces & { readonly nodeName: string; readonly metadataUrl: string },
): ProgramEnvironment {
  return {
    ...common(places),
    NODE_NAME: places.nodeName,
    POD_NAME: `imds-agent-${places.nodeName}`,
    NAMESPACE: 'kube-system',
    INSTANCE_METADATA_URL: places.metadataUrl,
  };
}

/** The environment of a queue-processor. Its credentials are good for the sandbox alone. */
export function queueProcessorEnvironment(
  places: CommonPlaces & { readonly queueUrl: string; readonly awsUrl: string; readonly region: string },
): ProgramEnvironment {
  return {
    ...common(places),
    POD_NAME: 'queue-processor-0',
    NAMESPACE: 'kube-system',
    QUEUE_URL: places.queueUrl,
    AWS_ENDPOINT: places.awsUrl,
    AWS_REGION: places.region,
    AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    // Without it the SDK would look for a metadata service of the machine that the sandbox runs on.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
