const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of block characters, `width` columns wide when full, in eighths of a column. */
export function bar(share: number, width: number): string {
  const parts = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  const filled = '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '');
  return filled.padEnd(width, '·');
}
