// C1 controls move the cursor of some terminals, and the line and paragraph separators and the marks that turn the
// direction of text make a value look like something else. JSON itself escapes only what is below U+0020.
const hidden = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const control = /[\u0000-\u001f]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Escapes in JSON text what JSON allows but a terminal would act on; the JSON stays valid and means the same. */
export function escapeJsonText(json: string): string {
  return json.replace(hidden, escape);
}

/** Escapes in text for people everything that could end its line or act on a terminal. */
export function escapeText(text: string): string {
  return text.replace(control, escape).replace(hidden, escape);
}
