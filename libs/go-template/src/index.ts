export * from './without-regex.ts';
// In place of the one of the same name there: with the functions for regular expressions.
export { sprigFunctions } from './sprig/sprig.ts';
