/** How a strategic merge patch treats one field, by the patch strategy in the API types of Kubernetes. */
export interface PatchSchema {
  /** Lists of objects are merged by this key; without it a list is replaced as a whole. */
  readonly mergeKey?: string;
  /** Lists of plain values are merged as sets. */
  readonly isSet?: boolean;
  /** The object is replaced as a whole. */
  readonly replace?: boolean;
  /** The schema of the fields, or of the fields of each item. */
  readonly fields?: Readonly<Record<string, PatchSchema>>;
}

/** The schema of a field that nothing is said about: objects merge, lists are replaced. */
export const plain: PatchSchema = {};

const conditions: PatchSchema = { mergeKey: 'type' };

const metadata: PatchSchema = {
  fields: { finalizers: { isSet: true }, ownerReferences: { mergeKey: 'uid' } },
};

const container: PatchSchema = {
  mergeKey: 'name',
  fields: {
    env: { mergeKey: 'name' },
    ports: { mergeKey: 'containerPort' },
    volumeMounts: { mergeKey: 'mountPath' },
    volumeDevices: { mergeKey: 'devicePath' },
  },
};

const podSpec: PatchSchema = {
  fields: {
    containers: container,
    initContainers: container,
    ephemeralContainers: container,
    volumes: { mergeKey: 'name' },
    imagePullSecrets: { mergeKey: 'name' },
    hostAliases: { mergeKey: 'ip' },
    topologySpreadConstraints: { mergeKey: 'topologyKey' },
    schedulingGates: { mergeKey: 'name' },
    resourceClaims: { mergeKey: 'name' },
  },
};

const workload: PatchSchema = {
  fields: {
    metadata,
    spec: { fields: { template: { fields: { metadata, spec: podSpec } } } },
    status: { fields: { conditions } },
  },
};

/**
 * The strategies of the kinds that the simulator serves, read off the `patchStrategy` tags of
 * https://pkg.go.dev/k8s.io/api. A node's taints have none: a patch replaces them as a whole.
 */
export const patchSchemas = {
  metadataOnly: { fields: { metadata } },
  node: {
    fields: {
      metadata,
      spec: { fields: { podCIDRs: { isSet: true } } },
      status: { fields: { conditions, addresses: { mergeKey: 'type' } } },
    },
  },
  pod: {
    fields: {
      metadata,
      spec: podSpec,
      status: { fields: { conditions, podIPs: { mergeKey: 'ip' }, hostIPs: { mergeKey: 'ip' } } },
    },
  },
  workload,
  namespace: { fields: { metadata, status: { fields: { conditions } } } },
  podDisruptionBudget: {
    fields: { metadata, spec: { fields: { selector: { replace: true } } }, status: { fields: { conditions } } },
  },
  serviceAccount: { fields: { metadata, secrets: { mergeKey: 'name' } } },
} as const satisfies Record<string, PatchSchema>;
