export { migrate } from './migrate.ts';
export type { Change, Migration } from './migrate.ts';
export { readValues, ValuesFileError } from './read-values.ts';
export { report } from './report.ts';
export type { Chart, Values } from './values.ts';
export { valuesFile } from './write-values.ts';
