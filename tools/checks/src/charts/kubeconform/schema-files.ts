import { cacheFolder, type KubernetesVersion } from '@node-termination-handler/control-plane';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { at, isRecord } from '../chart/manifests.ts';
import { chartsFolder, workspaceFolder } from '../program/program.ts';
import { run } from '../tool/run.ts';
import { definitionSchema, strict } from './strict-schema.ts';

/** A Go module that holds the schemas could not be had. */
export class SchemaSourceError extends Error {
  override readonly name = 'SchemaSourceError';
}

/** How kubeconform finds a schema by an object's kind and group. */
export const schemaFileTemplate = '{{ .ResourceKind }}{{ .KindSuffix }}.json';

/**
 * The folder with a strict JSON schema for each kind of a Kubernetes version: made from the OpenAPI document in the very module that the
 * control plane is built from, and from the custom resource definitions of the Prometheus operator.
 *
 * @throws {@link SchemaSourceError}
 * @see https://github.com/yannh/kubeconform#overriding-schemas-location
 */
export async function schemaFolder(version: KubernetesVersion): Promise<string> {
  const operator = await moduleFolder(join(chartsFolder, 'go'), 'github.com/prometheus-operator/prometheus-operator');
  const kubernetes = await moduleFolder(
    join(workspaceFolder, 'tools', 'control-plane', 'go', `kubernetes-${version.minor}`),
    'k8s.io/kubernetes',
  );
  const folder = join(cacheFolder(), 'schemas', version.patch);
  await mkdir(folder, { recursive: true });
  for (const [name, schema] of await kubernetesSchemas(kubernetes)) await write(folder, name, schema);
  for (const [name, schema] of await customSchemas(operator)) await write(folder, name, schema);
  return folder;
}

/** The folder of the Prometheus operator's custom resource definitions. */
export async function customResourceDefinitions(): Promise<string> {
  const operator = await moduleFolder(join(chartsFolder, 'go'), 'github.com/prometheus-operator/prometheus-operator');
  return crdFolder(operator);
}

const crdFolder = (operator: string) => join(operator, 'example', 'prometheus-operator-crd');
const ownKinds = new Set(['PodMonitor', 'ServiceMonitor', 'PrometheusRule']);

async function write(folder: string, name: string, schema: unknown): Promise<void> {
  await writeFile(join(folder, `${name}.json`), JSON.stringify(schema));
}

async function moduleFolder(cwd: string, module: string): Promise<string> {
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off' };
  const { code, stdout, stderr } = await run('go', ['mod', 'download', '-json', module], { cwd, env });
  const folder = code === 0 ? at(JSON.parse(stdout), 'Dir') : undefined;
  if (typeof folder !== 'string') throw new SchemaSourceError(`${module} cannot be had: ${stderr.trim() || stdout}`);
  return folder;
}

async function kubernetesSchemas(kubernetes: string): Promise<readonly [string, unknown][]> {
  const openApi: unknown = JSON.parse(await readFile(join(kubernetes, 'api', 'openapi-spec', 'swagger.json'), 'utf8'));
  const definitions = at(openApi, 'definitions');
  if (!isRecord(definitions)) throw new SchemaSourceError('the OpenAPI document has no definitions');
  const wanted = /^io\.k8s\.api\.(apps|core|policy|networking|rbac)\.v1\.\w+$/;
  return Object.entries(definitions).flatMap(([name, definition]) => {
    const kinds = at(definition, 'x-kubernetes-group-version-kind');
    const [first] = Array.isArray(kinds) && wanted.test(name) ? (kinds as readonly unknown[]) : [];
    return first === undefined ? [] : [[fileName(first), definitionSchema(definitions, name)] as [string, unknown]];
  });
}

async function customSchemas(operator: string): Promise<readonly [string, unknown][]> {
  const folder = crdFolder(operator);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const schemas: [string, unknown][] = [];
  for (const file of files) {
    const definition: unknown = parse(await readFile(join(folder, file), 'utf8'));
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
