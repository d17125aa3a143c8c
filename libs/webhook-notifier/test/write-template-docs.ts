import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { templateDocs } from '../src/testing/template-docs.ts';

writeFileSync(join(import.meta.dirname, '../../../docs/webhook-templates.md'), templateDocs());
