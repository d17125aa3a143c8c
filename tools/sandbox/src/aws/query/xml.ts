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
