/** Whether there is a decimal digit at an index. */
export function isDigitAt(text: string, index: number): boolean {
  const character = text[index];
  return character !== undefined && character >= '0' && character <= '9';
}
