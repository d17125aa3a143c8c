export { publishedPackages } from './published.ts';
export type { Manifest, PublishedPackage } from './published.ts';
export { findingLines } from './report/finding.ts';
export type { Finding } from './report/finding.ts';
