import { coreResources } from './core-resources.ts';
import { apiVersionOf } from './definition.ts';
import type { ResourceDefinition } from './definition.ts';
import { eventResources } from './event-resources.ts';
import { otherResources } from './other-resources.ts';
import { workloadResources } from './workload-resources.ts';

/** Everything that the simulator serves; a resource more is a row more in one of these lists. */
export const resources: readonly ResourceDefinition[] = [
  ...coreResources,
  ...eventResources,
  ...workloadResources,
  ...otherResources,
];

const byPath = new Map(
  resources.map((definition) => [`${apiVersionOf(definition)}/${definition.resource}`, definition]),
);
const byKind = new Map(resources.map((definition) => [`${apiVersionOf(definition)}/${definition.kind}`, definition]));

/** The definition behind a URL's group, version and plural, if the simulator serves it. */
export function resourceAt(group: string, version: string, resource: string): ResourceDefinition | undefined {
  return byPath.get(`${apiVersionOf({ group, version })}/${resource}`);
}

/** The definition of an object's kind, if the simulator serves it. */
export function resourceOf(apiVersion: string, kind: string): ResourceDefinition | undefined {
  return byKind.get(`${apiVersion}/${kind}`);
}

function known(group: string, resource: string): ResourceDefinition {
  const definition = resourceAt(group, 'v1', resource);
  if (definition === undefined) throw new Error(`The table of resources has no ${resource}`);
  return definition;
}

/** The definitions that the simulated kubelet, the budgets and the workloads work on. */
export const builtIn = {
  nodes: known('', 'nodes'),
  pods: known('', 'pods'),
  namespaces: known('', 'namespaces'),
  budgets: known('policy', 'poddisruptionbudgets'),
  replicaSets: known('apps', 'replicasets'),
};
