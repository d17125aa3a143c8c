/**
 * The parameters of a request in the AWS query protocol.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
 */
export interface QueryForm {
  readonly action: string;
  /** The API version, which names the service: `2016-11-15` is EC2, `2011-01-01` Auto Scaling. */
  readonly version: string;
  readonly get: (name: string) => string | undefined;
  /** The values of `Name.1`, `Name.2`, … in order. */
  readonly list: (name: string) => string[];
  /** All parameters as they were sent. */
  readonly all: Readonly<Record<string, string>>;
}

/** Parses a form-encoded request body. */
export function parseQueryForm(body: string): QueryForm {
  const all = Object.fromEntries(new URLSearchParams(body));
  const get = (name: string): string | undefined => (Object.hasOwn(all, name) ? all[name] : undefined);
  return {
    action: get('Action') ?? '',
    version: get('Version') ?? '',
    get,
    list: (name) =>
      Object.entries(all)
        .flatMap(([key, value]) => {
          const index = key.startsWith(`${name}.`) ? key.slice(name.length + 1) : '';
          return /^\d+$/.test(index) ? [{ index: Number(index), value }] : [];
        })
        .sort((a, b) => a.index - b.index)
        .map(({ value }) => value),
    all,
  };
}

/** A piece of XML that is already escaped. */
export interface Xml {
  readonly xml: string;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#xD;');
}

/** An element with a text, with children, or (undefined) none at all. */
export function element(
  name: string,
  content: string | number | boolean | readonly Xml[] | undefined,
  attributes: Readonly<Record<string, string>> = {},
): Xml {
  if (content === undefined) return { xml: '' };
  const inner = typeof content === 'object' ? content.map((child) => child.xml).join('') : escape(String(content));
  const attributeText = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escape(value)}"`)
    .join('');
  return { xml: `<${name}${attributeText}>${inner}</${name}>` };
}

/** A list as AWS writes one: `<name><item>…</item><item>…</item></name>`. */
export function listElement(name: string, itemName: string, items: readonly (readonly Xml[])[]): Xml {
  return element(
    name,
    items.map((item) => element(itemName, item)),
  );
}

/** The whole document as text. */
export function xmlDocument(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}`;
}
