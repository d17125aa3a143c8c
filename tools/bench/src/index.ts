export { benches } from './benches/all.ts';
export type { Bench, BenchContext, BenchResult, Figure, Samples, Unit } from './bench.ts';
