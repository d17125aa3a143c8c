export { bundleApp } from './bundle-app.ts';
export { explainerOf, LOG_PAGE } from './docs/log-page.ts';
