import type { Answer } from '../http/answer.ts';

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

/** The content of an XML element: a text, or its children by name, a list of them for a name that repeats. Undefined is left out. */
export type XmlContent =
  string | number | boolean | { readonly [name: string]: XmlContent | readonly XmlContent[] | undefined };

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#xD;');
}

function written(content: XmlContent): string {
  if (typeof content !== 'object') return escape(String(content));
  return Object.entries(content)
    .flatMap(([name, value]) =>
      (value === undefined ? [] : isMany(value) ? value : [value]).map((one) => `<${name}>${written(one)}</${name}>`),
    )
    .join('');
}

function isMany(value: XmlContent | readonly XmlContent[]): value is readonly XmlContent[] {
  return Array.isArray(value);
}

/** An answer that is an XML document. */
export function xmlAnswer(
  status: number,
  root: string,
  content: XmlContent,
  { namespace, contentType }: { readonly namespace?: string; readonly contentType: string },
): Answer {
  const attributes = namespace === undefined ? '' : ` xmlns="${escape(namespace)}"`;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attributes}>${written(content)}</${root}>`;
  return { status, headers: { 'content-type': contentType }, body };
}
