// C1 controls move the cursor of some terminals; line and paragraph separators, marks that turn the direction of text (U+061C), and all that
// is not shown at all (U+2060, tags from U+E0000 on, reserved places among them) make a value look like something else. JSON itself escapes
// only what is below U+0020. https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
const hidden = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu;
const control = /[\u0000-\u001f]/g;

/** As JSON escapes it: a character beyond U+FFFF is two. */
function escape(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Escapes in JSON text what JSON allows but a terminal would act on; the JSON stays valid and means the same. */
export function escapeJsonText(json: string): string {
  return json.replace(hidden, escape);
}

/** Escapes in text for people everything that could end its line, act on a terminal or go unseen. */
export function escapeText(text: string): string {
  return text.replace(control, escape).replace(hidden, escape);
}
