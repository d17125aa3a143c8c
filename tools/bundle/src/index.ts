export { bundleApp } from './bundle-app.ts';
export type { Bundle } from './bundle-app.ts';
