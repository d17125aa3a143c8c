import { isList } from '../../json-value.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { FieldError } from '../status.ts';

function shown(value: unknown): string {
  return typeof value === 'string' || isList(value) ? JSON.stringify(value) : String(value);
}

/** The value breaks a rule. */
export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return { type: 'Invalid', field, message: `Invalid value: ${shown(value)}: ${why}` };
}

/** Something that has to be there is missing. */
export function requiredValue(field: string, why = ''): FieldError {
  return { type: 'Required', field, message: why === '' ? 'Required value' : `Required value: ${why}` };
}

/** The value is not one of those that are known. */
export function unsupportedValue(field: string, value: unknown, known: readonly string[]): FieldError {
  const list = known.map((one) => JSON.stringify(one)).join(', ');
  return { type: 'NotSupported', field, message: `Unsupported value: ${shown(value)}: supported values: ${list}` };
}

/** The value stands there twice. */
export function duplicateValue(field: string, value: string): FieldError {
  return { type: 'Duplicate', field, message: `Duplicate value: ${value}` };
}

/** The value has more bytes than it may; the message leaves it out. */
function tooLongValue(field: string, maxBytes: number): FieldError {
  return { type: 'TooLong', field, message: `Too long: may not be more than ${maxBytes} bytes` };
}

/** The field may not be used like this. */
export function forbiddenValue(field: string, why: string): FieldError {
  return { type: 'Forbidden', field, message: `Forbidden: ${why}` };
}

/** The errors among what was found; `false` is what was looked for and is not so. */
export function errorsAmong(...found: readonly (FieldError | readonly FieldError[] | false)[]): readonly FieldError[] {
  return found.flatMap((one) => (one === false ? [] : one));
}

/** Keys and values of all annotations of an object together. */
const maxAnnotationBytes = 256 * 1024;

/** How an object of a resource may be called. */
export type NameRule = 'dns-label' | 'dns-subdomain';

/** Everything that is wrong with the metadata of an object, by the rules of https://kubernetes.io/docs/concepts/overview/working-with-objects/. */
export function metadataErrors(object: KubernetesObject, rule: NameRule): readonly FieldError[] {
  const { name, labels = {}, annotations = {}, finalizers = [], ownerReferences = [] } = object.metadata;
  const nameFaults = rule === 'dns-label' ? dnsLabelFaults(name) : dnsSubdomainFaults(name);
  return [
    ...nameFaults.map((fault) => invalidValue('metadata.name', name, fault)),
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...qualifiedNameFaults(key).map((fault) => invalidValue('metadata.labels', key, fault)),
      ...labelValueFaults(value).map((fault) => invalidValue('metadata.labels', value, fault)),
    ]),
    ...Object.keys(annotations).flatMap((key) =>
      qualifiedNameFaults(key.toLowerCase()).map((fault) => invalidValue('metadata.annotations', key, fault)),
    ),
    ...errorsAmong(
      byteLength(annotations) > maxAnnotationBytes && tooLongValue('metadata.annotations', maxAnnotationBytes),
    ),
    ...finalizers.flatMap((finalizer, index) =>
      finalizerFaults(finalizer).map((fault) => invalidValue(`metadata.finalizers[${index}]`, finalizer, fault)),
    ),
    ...ownerReferences.flatMap((owner, index) =>
      (['apiVersion', 'kind', 'name', 'uid'] as const)
        .filter((field) => !owner[field])
        .map((field) => requiredValue(`metadata.ownerReferences[${index}].${field}`, `${field} must not be empty`)),
    ),
  ];
}

function byteLength(annotations: Readonly<Record<string, string>>): number {
  return Object.entries(annotations).reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0);
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function finalizerFaults(finalizer: string): readonly string[] {
  const faults = qualifiedNameFaults(finalizer);
  if (faults.length > 0 || finalizer.includes('/') || standardFinalizers.includes(finalizer)) return faults;
  return ['name is neither a standard finalizer name nor is it fully qualified'];
}

/** Which parts of the metadata an update changes though nobody may. */
export function metadataUpdateErrors(object: KubernetesObject, previous: KubernetesObject): readonly FieldError[] {
  const immutable = ['name', 'namespace', 'uid', 'creationTimestamp'] as const;
  const changed = immutable
    .filter((field) => object.metadata[field] !== previous.metadata[field])
    .map((field) => invalidValue(`metadata.${field}`, object.metadata[field] ?? '', 'field is immutable'));
  return [...changed, ...lateFinalizerErrors(object, previous)];
}

/** An object that is being deleted takes no more finalizers. */
function lateFinalizerErrors(object: KubernetesObject, previous: KubernetesObject): readonly FieldError[] {
  if (previous.metadata.deletionTimestamp === undefined) return [];
  const known = new Set(previous.metadata.finalizers);
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
  if (added.length === 0) return [];
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
  return [forbiddenValue('metadata.finalizers', why)];
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedName})?`;

const patterns = {
  label: new RegExp(`^${label}$`),
  subdomain: new RegExp(`^${subdomain}$`),
  qualifiedName: new RegExp(`^${qualifiedName}$`),
  labelValue: new RegExp(`^${labelValue}$`),
};

const utf8 = new TextEncoder();

function tooLong(value: string, limit: number): readonly string[] {
  return utf8.encode(value).length > limit ? [`must be no more than ${limit} bytes`] : [];
}

function mismatch(rule: string, pattern: string, ...examples: readonly string[]): string {
  return `${rule} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${pattern}')`;
}

/** What is wrong with a DNS label (a namespace's name); see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/. */
function dnsLabelFaults(value: string): readonly string[] {
  const faults = tooLong(value, 63);
  if (patterns.label.test(value)) return faults;
  if (patterns.subdomain.test(value)) return [...faults, 'must not contain dots'];
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...faults, mismatch(rule, label, 'my-name', '123-abc')];
}

/** What is wrong with a DNS subdomain, the name of most objects. */
function dnsSubdomainFaults(value: string): readonly string[] {
  const faults = tooLong(value, 253);
  if (patterns.subdomain.test(value)) return faults;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...faults, mismatch(rule, subdomain, 'example.com')];
}

/** What is wrong with a label's value; see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/. */
export function labelValueFaults(value: string): readonly string[] {
  const faults = tooLong(value, 63);
  if (patterns.labelValue.test(value)) return faults;
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...faults, mismatch(rule, labelValue, 'MyValue', 'my_value', '12345')];
}

/** What is wrong with the key of a label, an annotation or a taint: a name, with a DNS subdomain before a slash if it likes. */
export function qualifiedNameFaults(value: string): readonly string[] {
  const rule =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  const parts = value.split('/');
  if (parts.length > 2) {
    const shape =
      "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    const optional = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`${mismatch(shape, qualifiedName, 'MyName', 'my.name', '123-abc')} ${optional}`];
  }
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const faults: string[] = [];
  if (prefix === '') faults.push('prefix part must be non-empty');
  else if (prefix !== undefined) faults.push(...dnsSubdomainFaults(prefix).map((fault) => `prefix part ${fault}`));
  if (name === '') faults.push('name part must be non-empty');
  else faults.push(...tooLong(name, 63).map((fault) => `name part ${fault}`));
  if (!patterns.qualifiedName.test(name)) faults.push(mismatch(rule, qualifiedName, 'MyName', 'my.name', '123-abc'));
  return faults;
}
