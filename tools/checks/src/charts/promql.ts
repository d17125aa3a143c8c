/** Labels of series, each with its values; none where they are not known before they are there. */
export type Labels = Readonly<Record<string, ReadonlySet<string>>>;

/** Labels whose values are not known. */
export function labelsOf(...labels: readonly string[]): Labels {
  return Object.fromEntries(labels.map((label) => [label, new Set<string>()]));
}

/** What Prometheus gives each series that it scrapes, or its operator. */
const targetLabels = labelsOf('cluster', 'namespace', 'job', 'instance', 'pod');

/** A metric in a query, with what is asked of its labels. */
interface Selector {
  readonly name: string;
  readonly matchers: readonly Matcher[];
}

interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** What a query asks for that is nowhere. Pure. */
export function unknownIn(expr: string, known: Readonly<Record<string, Labels>>): readonly string[] {
  const selectors = selectorsIn(expr);
  if (selectors.length === 0) return [`asks for nothing: ${expr}`];
  const problems = selectors.flatMap(({ name, matchers }) => {
    const labels = known[name];
    if (labels === undefined) return [`asks for ${name}, which nobody has`];
    return matchers.flatMap(({ label, operator, value }) => {
      const values = { ...targetLabels, ...labels }[label];
      if (values === undefined) return [`asks for the label ${label}, which ${name} has not`];
      const wanted = operator.includes('~') ? value.split('|') : [value];
      const isNowhere = (text: string) =>
        values.size > 0 &&
        ![...values].some((each) => (operator.includes('~') ? new RegExp(`^(?:${text})$`).test(each) : each === text));
      return wanted.filter(isNowhere).map((text) => `asks for ${name} with ${label}="${text}", which nobody has`);
    });
  });
  const there = new Set([
    ...Object.keys(targetLabels),
    ...selectors.flatMap(({ name }) => Object.keys(known[name] ?? {})),
  ]);
  const missing = groupings(expr)
    .flat()
    .filter((label) => !there.has(label));
  return [...problems, ...missing.map((label) => `groups by ${label}, which none of its series has`)];
}

/** The labels of each `by`, `on`, … of a query. Pure. */
export function groupings(expr: string): readonly (readonly string[])[] {
  return [...expr.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].map(([, labels = '']) =>
    labels.split(',').map((label) => label.trim()),
  );
}

/** The metrics in a query: what stands before a selector, and is no function, label or keyword. Pure. */
export function selectorsIn(expr: string): readonly Selector[] {
  const bare = expr
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, (text) => ' '.repeat(text.length))
    .replaceAll(/\[[^\]]*\]|\boffset \w+/g, (text) => ' '.repeat(text.length));
  return [...bare.matchAll(/([a-zA-Z_:][\w:]*)(\s*\()?(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?/g)]
    .filter(([, word = '', call]) => call === undefined && !keywords.has(word))
    .map(([, name = '', , matchers = '']) => ({
      name,
      matchers: [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"/g)].map(
        ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
      ),
    }));
}

const keywords = new Set(['and', 'or', 'unless', 'bool', 'inf', 'nan']);
