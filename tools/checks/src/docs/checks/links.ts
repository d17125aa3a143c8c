import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { root } from '../../workspace.ts';
import { remark } from 'remark';
import remarkGfm from 'remark-gfm';
import { engine } from 'unified-engine';
import type { Finding } from '../../packages/report/finding.ts';

/** Every link to a file or a heading of the repository leads somewhere. Links to other hosts are not followed. */
export async function checkLinks(files: readonly string[]): Promise<Finding> {
  const said = new PassThrough();
  const everything = text(said);
  const code = await new Promise<number>((resolve, reject) => {
    engine(
      {
        processor: remark().use(remarkGfm),
        cwd: root,
        files: [...files],
        extensions: ['md'],
        plugins: [['remark-validate-links', { repository: false }]],
        frail: true,
        quiet: true,
        color: false,
        output: false,
        out: false,
        streamError: said,
      },
      (error, status) => {
        if (error) reject(error);
        else resolve(status ?? 1);
      },
    );
  });
  said.end();
  const lines = (await everything).split('\n').filter((line) => line.trim() !== '');
  return { about: `links in ${files.length} files`, problems: code === 0 ? [] : lines };
}
