import type { Answer } from '../../http/answer.ts';
import { apiVersionOf } from '../resources/definition.ts';
import { resources } from '../resources/resources.ts';
import { json, pageNotFound, plainText } from './answer.ts';

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

/** Answers what is not a resource: health, version, and which resources there are. 404 for any other path. */
export function answerPath(path: string): Answer {
  const [, root = '', ...names] = path.replace(/(?<=.)\/$/, '').split('/');
  const [first, ...more] = names;
  switch (root) {
    case 'healthz':
    case 'livez':
    case 'readyz':
      return plainText(200, 'ok');
    case 'version':
      return first === undefined ? json(200, serverVersion) : pageNotFound();
    case 'api':
      if (first === undefined) {
        return json(200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
      }
      return resourceList(more.length === 0 ? first : undefined);
    case 'apis':
      if (first === undefined) {
        return json(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames().map(groupOf) });
      }
      if (more.length > 0) return resourceList(names.join('/'));
      if (!groupNames().includes(first)) return pageNotFound();
      return json(200, { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(first) });
    default:
      return pageNotFound();
  }
}

function groupNames(): readonly string[] {
  return [...new Set(resources.map(({ group }) => group).filter((group) => group !== ''))];
}

function groupOf(name: string): object {
  const versions = [...new Set(resources.filter(({ group }) => group === name).map(({ version }) => version))];
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function resourceList(groupVersion: string | undefined): Answer {
  const served = resources.filter((one) => apiVersionOf(one) === groupVersion);
  if (served.length === 0) return pageNotFound();
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
  const entries = served.flatMap(({ resource, singular, namespaced, kind, shortNames, hasStatus }) => {
    const own = { name: resource, singularName: singular, namespaced, kind, verbs };
    const sub = { singularName: '', namespaced };
    const status = { name: `${resource}/status`, ...sub, kind, verbs: ['get', 'patch', 'update'] };
    const policy = { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] };
    return [
      { ...own, ...(shortNames.length > 0 && { shortNames }) },
      ...(hasStatus ? [status] : []),
      ...(kind === 'Pod' ? [{ name: 'pods/eviction', ...sub, ...policy }] : []),
    ];
  });
  return json(200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: entries });
}
