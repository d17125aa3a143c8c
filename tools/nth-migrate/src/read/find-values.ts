import { parseAllDocuments } from 'yaml';
import { rules } from '../rules/index.ts';
import { isValues } from '../values.ts';
import type { Values } from '../values.ts';
import { valuesOf } from './set-list.ts';
import type { SetEntry } from './set-list.ts';

/** The input holds no values, or more than can be told apart. */
export class ValuesFileError extends Error {
  override readonly name = 'ValuesFileError';
}

/** Values of the Go handler's chart, and where they stood. */
export interface FoundValues {
  readonly values: Values;
  /** In words, such as "the Flux HelmRelease nth". */
  readonly where: string;
  /** What the file refers to and does not hold: for people to give too. */
  readonly elsewhere: readonly string[];
}

const chartName = 'aws-node-termination-handler';

/**
 * Finds the values in the text of a file: a values file, one of a chart that has the handler for a dependency, an Argo CD Application, a
 * Flux HelmRelease, a kustomization, or a list of `--set` entries.
 *
 * @param key the values stand under this key; without it, it is looked for.
 * @throws {@link ValuesFileError}
 */
export function findValues(yaml: string, key?: string): FoundValues {
  const documents = parseAllDocuments(yaml, { merge: true });
  const [problem] = documents.flatMap(({ errors }) => errors);
  if (problem !== undefined) throw new ValuesFileError(`this is no YAML: ${problem.message}`, { cause: problem });
  const contents = documents.map((document) => document.toJS() as unknown).filter((content) => content !== null);
  if (contents.length === 0) return plain({});
  const found = contents.flatMap((content) => findIn(content, key));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length === 0) throw new ValuesFileError(nothingFound(contents, key));
  throw new ValuesFileError(
    `there are values of several releases: ${found.map(({ where }) => where).join(', ')}. Give one at a time`,
  );
}

function nothingFound(contents: readonly unknown[], key: string | undefined): string {
  if (key !== undefined) return `there are no values under ${JSON.stringify(key)}`;
  const kinds = contents.filter(isValues).flatMap(({ kind }) => (typeof kind === 'string' ? [kind] : []));
  return kinds.length > 0
    ? `there are no values of ${chartName} in ${kinds.join(', ')}`
    : 'a values file has names and values at its top';
}

function findIn(content: unknown, key: string | undefined): readonly FoundValues[] {
  if (Array.isArray(content)) return fromSetList(content);
  if (!isValues(content)) return [];
  if (key !== undefined) {
    const inner = content[key];
    return isValues(inner) ? [{ values: inner, where: `the key ${key}`, elsewhere: [] }] : [];
  }
  if (typeof content.kind === 'string' && typeof content.apiVersion === 'string')
    return fromObject(content, content.kind);
  if (Array.isArray(content.helmCharts)) return fromKustomization(content.helmCharts);
  return [fromFile(content)];
}

/** A Terraform or Terragrunt list: `[{name: a.b, value: c, type: string}]`. */
function fromSetList(list: readonly unknown[]): readonly FoundValues[] {
  const entries = entriesOf(list);
  return entries.length === 0 ? [] : [{ values: valuesOf(entries), where: 'a list of set entries', elsewhere: [] }];
}

/** Entries as Terraform, Argo CD and eksctl write them. */
export function entriesOf(list: unknown): readonly SetEntry[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter(isValues)
    .flatMap(({ name, value, type, forceString }) =>
      typeof name === 'string' ? [{ name, value, isText: type === 'string' || forceString === true }] : [],
    );
}

function fromObject(object: Values, kind: string): readonly FoundValues[] {
  const metadata = isValues(object.metadata) ? object.metadata : {};
  const where = `the ${kind} ${String(metadata.name)}`;
  const spec = isValues(object.spec) ? object.spec : {};
  if (kind === 'HelmRelease') {
    const { values, valuesFrom } = spec;
    const inner = isValues(values) ? inFile(values) : {};
    return hasName(object) || looksLikeOurs(inner)
      ? [{ values: inner, where, elsewhere: namesOf(valuesFrom, 'valuesFrom') }]
      : [];
  }
  if (kind === 'Application' || kind === 'ApplicationSet') {
    const template = isValues(spec.template) ? spec.template : {};
    const inner = kind === 'ApplicationSet' && isValues(template.spec) ? template.spec : spec;
    const sources = [inner.source, ...(Array.isArray(inner.sources) ? (inner.sources as readonly unknown[]) : [])];
    return sources.filter(isValues).flatMap((source) => fromArgoSource(source, where));
  }
  return [];
}

/** `spec.source` of an Argo CD Application: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/ */
function fromArgoSource(source: Values, where: string): readonly FoundValues[] {
  const helm = isValues(source.helm) ? source.helm : undefined;
  if (helm === undefined) return [];
  const text = typeof helm.values === 'string' ? findValues(helm.values).values : {};
  const object = isValues(helm.valuesObject) ? inFile(helm.valuesObject) : {};
  const parameters = valuesOf(entriesOf(helm.parameters));
  const values = merged(merged(text, object), inFile(parameters));
  const isOurs = String(source.chart ?? source.path).includes(chartName) || looksLikeOurs(values);
  return isOurs ? [{ values, where, elsewhere: namesOf(helm.valueFiles, 'valueFiles') }] : [];
}

function fromKustomization(list: readonly unknown[]): readonly FoundValues[] {
  return list
    .filter(isValues)
    .filter(({ name }) => name === chartName)
    .map(({ valuesInline, valuesFile }) => ({
      values: isValues(valuesInline) ? valuesInline : {},
      where: 'helmCharts of a kustomization',
      elsewhere: typeof valuesFile === 'string' ? [`valuesFile ${valuesFile}`] : [],
    }));
}

function namesOf(references: unknown, what: string): readonly string[] {
  if (!Array.isArray(references)) return [];
  return references.map((entry: unknown) => `${what} ${String(isValues(entry) ? entry.name : entry)}`);
}

/** Whether the chart of a HelmRelease is the handler's. */
function hasName(release: Values): boolean {
  return JSON.stringify(release).includes(`"chart":"${chartName}"`);
}

function plain(values: Values): FoundValues {
  return { values, where: 'the file', elsewhere: [] };
}

/** A values file: the chart's own, or one of a chart that has it for a dependency. */
function fromFile(content: Values): FoundValues {
  // `helm get values` without `-o yaml` begins so.
  const { 'USER-SUPPLIED VALUES': _heading, 'COMPUTED VALUES': _other, ...rest } = content;
  const key = keyIn(rest);
  return key === undefined
    ? plain(rest)
    : { values: (rest[key] ?? {}) as Values, where: `the key ${key}`, elsewhere: [] };
}

function inFile(content: Values): Values {
  return fromFile(content).values;
}

/** The key under which a chart keeps the values of its dependency: the chart's name, or one under which nearly all is known. */
function keyIn(content: Values): string | undefined {
  if (isValues(content[chartName])) return chartName;
  if (looksLikeOurs(content)) return undefined;
  const inner = Object.entries(content).filter(([, value]) => isValues(value) && looksLikeOurs(value));
  const [only] = inner;
  if (inner.length > 1) {
    throw new ValuesFileError(`values may stand under ${inner.map(([name]) => name).join(' or ')}: use --key`);
  }
  return only?.[0];
}

/** Names that many charts have: they tell nothing. */
const common = new Set([
  'image',
  'nameOverride',
  'fullnameOverride',
  'serviceAccount',
  'rbac',
  'podLabels',
  'podAnnotations',
  'podSecurityContext',
  'securityContext',
  'resources',
  'nodeSelector',
  'affinity',
  'tolerations',
  'topologySpreadConstraints',
  'extraEnv',
  'probes',
  'logLevel',
  'replicas',
  'strategy',
  'updateStrategy',
  'podDisruptionBudget',
  'serviceMonitor',
  'podMonitor',
  'priorityClassName',
  'global',
  'enabled',
  'tags',
  'dnsPolicy',
  'dnsConfig',
  'awsRegion',
  'customLabels',
  'workers',
  'dryRun',
]);

/** Whether a map has a name that only the handler's chart has. */
function looksLikeOurs(content: Values): boolean {
  return Object.keys(content).some((name) => rules.has(name) && !common.has(name));
}

/** Values with others over them, as Helm lays them: maps are merged, all else is replaced. */
export function merged(below: Values, above: Values): Values {
  const result: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const present = result[name];
    result[name] = isValues(present) && isValues(value) ? merged(present, value) : value;
  }
  return result;
}
