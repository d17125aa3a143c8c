import { readFileSync, writeFileSync } from 'node:fs';
import { METRICS_PAGE, pageWithMetrics } from './metrics-table.ts';

writeFileSync(METRICS_PAGE, pageWithMetrics(readFileSync(METRICS_PAGE, 'utf8')));
