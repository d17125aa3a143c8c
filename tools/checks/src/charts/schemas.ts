import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder, supportedKubernetesVersions } from '@node-termination-handler/control-plane';
import type { KubernetesVersion } from '@node-termination-handler/control-plane';
import { parse } from 'yaml';
import { mustRun, run } from '../command.ts';
import type { Verdict } from '../finding.ts';
import { root } from '../workspace.ts';
import { chartsFolder } from './cases.ts';
import type { RenderedCharts } from './cases.ts';
import { at, isRecord } from './manifests.ts';
import { definitionSchema, strict } from './strict-schema.ts';

/** Every object is one that each supported version of Kubernetes knows, field by field. */
export async function conforms({ tools, rendered }: RenderedCharts): Promise<Verdict> {
  const versions = supportedKubernetesVersions();
  const problems: string[] = [];
  for (const version of versions) {
    const location = path.join(await schemaFolder(version), '{{ .ResourceKind }}{{ .KindSuffix }}.json');
    for (const [{ program, name }, input] of rendered) {
      const args = ['-strict', '-summary', '-schema-location', location, '-'];
      const { code, output } = await run(tools.kubeconform, args, { input });
      if (code !== 0) problems.push(`${program}, ${name}, Kubernetes ${version.patch}: ${output}`);
    }
  }
  return { detail: `${rendered.size} cases on ${versions.map(({ minor }) => minor).join(', ')}`, problems };
}

/**
 * The folder with a strict JSON schema for each kind of a Kubernetes version: made from the OpenAPI document in the very module that the
 * control plane is built from, and from the custom resource definitions of the Prometheus operator.
 *
 * @see https://github.com/yannh/kubeconform#overriding-schemas-location
 */
async function schemaFolder(version: KubernetesVersion): Promise<string> {
  const operator = await moduleFolder(
    path.join(chartsFolder, 'go'),
    'github.com/prometheus-operator/prometheus-operator',
  );
  const folder = path.join(cacheFolder(), 'schemas', version.patch);
  await mkdir(folder, { recursive: true });
  for (const [name, schema] of [
    ...kubernetesSchemas(await openApiDefinitions(version)),
    ...(await customSchemas(operator)),
  ]) {
    await writeFile(path.join(folder, `${name}.json`), JSON.stringify(schema));
  }
  return folder;
}

/** The kinds of the Prometheus operator that the charts have. */
const ownKinds = new Set(['PodMonitor', 'ServiceMonitor', 'PrometheusRule']);

async function moduleFolder(cwd: string, module: string): Promise<string> {
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off' };
  const { Dir } = JSON.parse(await mustRun('go', ['mod', 'download', '-json', module], { cwd, env })) as {
    Dir: string;
  };
  return Dir;
}

/** The definitions in the OpenAPI document of a Kubernetes version, by their names. */
export async function openApiDefinitions(version: KubernetesVersion): Promise<Readonly<Record<string, unknown>>> {
  const kubernetes = await moduleFolder(
    path.join(root, 'tools', 'control-plane', 'go', `kubernetes-${version.minor}`),
    'k8s.io/kubernetes',
  );
  const openApi: unknown = JSON.parse(
    await readFile(path.join(kubernetes, 'api', 'openapi-spec', 'swagger.json'), 'utf8'),
  );
  const definitions = at(openApi, 'definitions');
  if (!isRecord(definitions)) throw new Error('the OpenAPI document has no definitions');
  return definitions;
}

function kubernetesSchemas(definitions: Readonly<Record<string, unknown>>): readonly [string, unknown][] {
  const wanted = /^io\.k8s\.api\.(admissionregistration|apps|coordination|core|policy|networking|rbac)\.v1\.\w+$/;
  return Object.entries(definitions).flatMap(([name, definition]) => {
    const kinds = at(definition, 'x-kubernetes-group-version-kind');
    const [first] = Array.isArray(kinds) && wanted.test(name) ? (kinds as readonly unknown[]) : [];
    return first === undefined ? [] : [[fileName(first), definitionSchema(definitions, name)] as [string, unknown]];
  });
}

async function customSchemas(operator: string): Promise<readonly [string, unknown][]> {
  const folder = path.join(operator, 'example', 'prometheus-operator-crd');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const schemas: [string, unknown][] = [];
  for (const file of files) {
    const definition: unknown = parse(await readFile(path.join(folder, file), 'utf8'));
    const [group, kind, version] = [
      at(definition, 'spec', 'group'),
      at(definition, 'spec', 'names', 'kind'),
      at(definition, 'spec', 'versions', 0),
    ];
    if (!ownKinds.has(String(kind))) continue;
    const schema = strict(at(version, 'schema', 'openAPIV3Schema'));
    schemas.push([fileName({ group, kind, version: at(version, 'name') }), openMetadata(schema)]);
  }
  return schemas;
}

/** A custom resource definition leaves the metadata to Kubernetes. */
function openMetadata(schema: unknown): unknown {
  if (!isRecord(schema) || !isRecord(schema.properties)) return schema;
  return { ...schema, properties: { ...schema.properties, metadata: { type: 'object' } } };
}

/** kubeconform's name: the kind, the first part of the group, the version. */
function fileName(kind: unknown): string {
  const group = String(at(kind, 'group')).split('.')[0] ?? '';
  return [String(at(kind, 'kind')), group, String(at(kind, 'version'))]
    .filter((part) => part !== '')
    .join('-')
    .toLowerCase();
}
