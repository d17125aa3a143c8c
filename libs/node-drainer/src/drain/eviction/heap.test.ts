import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from './heap.ts';

function drained<T>(heap: Heap<T>): T[] {
  const items: T[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) items.push(item);
  return items;
}

describe('a heap', () => {
  it('gives out all that was put in, the smallest first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const heap = new Heap<number>((a, b) => a - b);
        for (const number of numbers) heap.push(number);
        expect(heap.size).toBe(numbers.length);
        expect(heap.peek()).toBe(numbers.length === 0 ? undefined : Math.min(...numbers));
        expect(drained(heap)).toEqual([...numbers].sort((a, b) => a - b));
      }),
    );
  });

  it('is in order again when what it compares has changed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer(), fc.integer())), (pairs) => {
        const items = pairs.map(([first, second]) => ({ key: first, next: second }));
        const heap = new Heap<{ key: number }>((a, b) => a.key - b.key);
        for (const item of items) heap.push(item);
        for (const item of items) item.key = item.next;
        heap.reorder();
        expect(drained(heap).map(({ key }) => key)).toEqual(items.map(({ next }) => next).sort((a, b) => a - b));
      }),
    );
  });
});
