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
export function dnsLabelFaults(value: string): readonly string[] {
  const faults = tooLong(value, 63);
  if (patterns.label.test(value)) return faults;
  if (patterns.subdomain.test(value)) return [...faults, 'must not contain dots'];
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...faults, mismatch(rule, label, 'my-name', '123-abc')];
}

/** What is wrong with a DNS subdomain, the name of most objects. */
export function dnsSubdomainFaults(value: string): readonly string[] {
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
