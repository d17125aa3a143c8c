export { bundleApp } from './bundle-app.ts';
export { exposedSeries } from './charts/observability.ts';
export { explainerOf, LOG_PAGE } from './docs/log-page.ts';
