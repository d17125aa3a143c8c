export { bundleApp } from './bundle/bundle-app.ts';
export type { Bundle, BundleFile } from './bundle/bundle-app.ts';
