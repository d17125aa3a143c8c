import { apiVersionOf } from '../resources/definition.ts';
import { resources } from '../resources/resources.ts';
import { json, pageNotFound } from './answer.ts';
import type { Answer } from './answer.ts';

/** What the simulator says it is; the version whose behaviour it follows. */
const serverVersion = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'go1.26',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const health = ['/healthz', '/livez', '/readyz'];

/** Answers what is not a resource: health, version, and which resources there are. */
export function answerPath(path: string): Answer {
  if (health.some((known) => path === known || path.startsWith(`${known}/`)))
    return { kind: 'text', code: 200, text: 'ok' };
  const trimmed = path.length > 1 ? path.replace(/\/$/, '') : path;
  if (trimmed === '/version') return json(200, serverVersion);
  if (trimmed === '/api') return json(200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
  if (trimmed === '/apis')
    return json(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames().map(groupOf) });
  const parts = trimmed.split('/').slice(1);
  if (parts[0] === 'apis' && parts.length === 2 && groupNames().includes(parts[1] ?? '')) {
    return json(200, { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(parts[1] ?? '') });
  }
  const groupVersion =
    parts[0] === 'api' ? parts.slice(1).join('/') : parts[0] === 'apis' ? parts.slice(1).join('/') : '';
  const isCore = !groupVersion.includes('/');
  const served = resources.filter((one) => apiVersionOf(one) === groupVersion && (parts[0] === 'api') === isCore);
  return served.length === 0 ? pageNotFound() : json(200, resourceList(groupVersion));
}

/** Is the path one that this module answers? */
export function isKnownPath(path: string): boolean {
  return answerPath(path).code !== 404;
}

function groupNames(): readonly string[] {
  return [...new Set(resources.map(({ group }) => group).filter((group) => group !== ''))];
}

function groupOf(name: string): object {
  const versions = [...new Set(resources.filter(({ group }) => group === name).map(({ version }) => version))];
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function resourceList(groupVersion: string): unknown {
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
  const entries = resources
    .filter((one) => apiVersionOf(one) === groupVersion)
    .flatMap(({ resource, singular, namespaced, kind, shortNames, hasStatus }) => [
      {
        name: resource,
        singularName: singular,
        namespaced,
        kind,
        verbs,
        ...(shortNames.length > 0 ? { shortNames } : {}),
      },
      ...(hasStatus
        ? [{ name: `${resource}/status`, singularName: '', namespaced, kind, verbs: ['get', 'patch', 'update'] }]
        : []),
      ...(kind === 'Pod'
        ? [
            {
              name: 'pods/eviction',
              singularName: '',
              namespaced,
              group: 'policy',
              version: 'v1',
              kind: 'Eviction',
              verbs: ['create'],
            },
          ]
        : []),
    ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: entries };
}
