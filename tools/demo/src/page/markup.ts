/** A piece of HTML or SVG that is already escaped. */
export interface Markup {
  readonly markup: string;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

type Value = string | number | Markup | readonly Markup[];

function render(value: Value): string {
  if (typeof value === 'number') return String(Math.round(value * 100) / 100);
  if (typeof value === 'string') return escape(value);
  return 'markup' in value ? value.markup : value.map((piece) => piece.markup).join('');
}

/** Builds markup from a template; every text in it is escaped, numbers are rounded to what a screen can show. */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const pieces = parts.map((part, index) => {
    const value = values[index];
    return value === undefined ? part : part + render(value);
  });
  return { markup: pieces.join('') };
}

/** One element of a picture; attributes that are undefined are left out. */
export function shape(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly (Markup | string)[]
): Markup {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${render(value)}"`],
  );
  return { markup: `<${name}${given.join('')}>${children.map(render).join('')}</${name}>` };
}

/** Pieces one after the other. */
export function join(...pieces: readonly Markup[]): Markup {
  return { markup: render(pieces) };
}
