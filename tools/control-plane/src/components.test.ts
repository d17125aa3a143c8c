import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { component, modulesFolder, supportedKubernetesVersions } from './components.ts';
import type { ComponentName } from './components.ts';

const names: readonly ComponentName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
  'ec2-metadata-mock',
  'promtool',
  'helm',
  'helm-3',
  'kubeconform',
  'actionlint',
];

describe.each(supportedKubernetesVersions())('components of Kubernetes $patch', (version) => {
  it.each(names)('%s is a tool of its pinned module', (name) => {
    const { module, package: path } = component(name, version);
    expect(existsSync(join(modulesFolder, module, 'go.sum'))).toBe(true);
    expect(readFileSync(join(modulesFolder, module, 'go.mod'), 'utf8')).toContain(path);
  });

  it('tells the API server its own version', () => {
    expect(component('kube-apiserver', version).linkerFlags.join(' ')).toContain(`gitVersion=v${version.patch}`);
  });
});
