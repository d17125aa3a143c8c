export { bundleApp } from './bundle-app.ts';
export type { Bundle, BundleFile } from './bundle-app.ts';
