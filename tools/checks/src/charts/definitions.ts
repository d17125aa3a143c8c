import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { supportedKubernetesVersions } from '@node-termination-handler/control-plane';
import { format } from 'prettier';
import type { Verdict } from '../finding.ts';
import { programs } from '../workspace.ts';
import { chartsFolder } from './cases.ts';
import { isRecord } from './manifests.ts';
import { openApiDefinitions } from './schemas.ts';
import { strict } from './strict-schema.ts';
import { kubernetesValues } from './values-schema.ts';

/** Kubernetes' definitions of what values become parts of, as the newest supported version has them; made by `chart-check --write`. */
export const definitionsFile = path.join(chartsFolder, 'kubernetes-definitions.json');

const reference = '#/definitions/';

/** The definitions that a schema refers to, directly or by way of others of them. */
export function referredTo(schema: unknown, definitions: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    if (!isRecord(value)) return;
    const name = typeof value.$ref === 'string' ? value.$ref.slice(reference.length) : undefined;
    if (name !== undefined && !found.has(name)) {
      found.add(name);
      look(definitions[name]);
    }
    Object.values(value).forEach(look);
  };
  look(schema);
  return found;
}

/**
 * The text of the definitions' file, from the OpenAPI document in the module of the newest supported Kubernetes: without descriptions,
 * by their last names, and with no room for a field that Kubernetes does not have.
 */
export async function definitionsText(): Promise<string> {
  const newest = supportedKubernetesVersions().at(-1);
  if (newest === undefined) throw new Error('no Kubernetes is supported');
  const all: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(await openApiDefinitions(newest))) {
    if (/^io\.k8s\.api\.(apps|core|networking)\.v1\.|^io\.k8s\.apimachinery\./.test(name)) {
      all[lastName(name)] = isQuantity(name) ? { type: ['string', 'number'] } : shortReferences(strict(definition));
    }
  }
  const values = await Promise.all(programs.map(kubernetesValues));
  const needed = [...referredTo(values, all)].sort();
  const missing = needed.filter((name) => all[name] === undefined);
  if (missing.length > 0) throw new Error(`Kubernetes ${newest.minor} has no definition of ${missing.join(', ')}`);
  const text = JSON.stringify(Object.fromEntries(needed.map((name) => [name, all[name]])));
  return format(text, { parser: 'json', printWidth: 120 });
}

/** The schemas that the values are judged by are those of Kubernetes. */
export async function definitionsAreFresh(): Promise<Verdict> {
  const known = await readFile(definitionsFile, 'utf8').catch(() => '');
  const problems =
    known === (await definitionsText()) ? [] : ['"chart-check --write" makes kubernetes-definitions.json'];
  return { detail: `${Object.keys(JSON.parse(known) as object).length} definitions`, problems };
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Quantities and ports are numbers or texts. */
function isQuantity(name: string): boolean {
  return ['Quantity', 'IntOrString'].includes(lastName(name));
}

function shortReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortReferences);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === '$ref' && typeof inner === 'string' ? `${reference}${lastName(inner)}` : shortReferences(inner),
    ]),
  );
}
