import { GoError } from './errors.ts';

/** The longest text a template may make, in bytes, the body it renders included. */
export const TEXT_LIMIT = 1_048_576;
/** The longest list a template may make. */
export const LIST_LIMIT = 100_000;
/** How many steps a template may take: actions, commands, and units of work in functions. */
export const STEP_LIMIT = 2_000_000;
/** How deep templates may call each other, and values may hold each other. */
export const DEPTH_LIMIT = 200;

/** A template asks for more than a message can need: Go would go on until its memory or its time is over. */
export class LimitError extends GoError {}

/** @throws {@link LimitError} before a text is made that is too long. */
export function checkTextLength(bytes: number): void {
  if (bytes > TEXT_LIMIT) throw new LimitError(`result is longer than ${TEXT_LIMIT} bytes`);
}

/** @throws {@link LimitError} before a list is made that is too long. */
export function checkListLength(items: number): void {
  if (items > LIST_LIMIT) throw new LimitError(`list is longer than ${LIST_LIMIT} items`);
}
