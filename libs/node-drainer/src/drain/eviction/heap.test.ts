import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from './heap.ts';

function drained<T>(heap: Heap<T>): T[] {
  const items: T[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) items.push(item);
  return items;
}

interface Item {
  key: number;
}

describe('a heap', () => {
  it('gives out what was put in and not taken out, the smallest first, wherever keys have moved', () => {
    const step = fc.record({ index: fc.nat(12), key: fc.integer(), isTakenOut: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const heap = new Heap<Item>((a, b) => a.key - b.key);
        const items = Array.from({ length: 13 }, (): Item => ({ key: 0 }));
        const inside = new Set<Item>();
        for (const { index, key, isTakenOut } of steps) {
          const item = items[index]!;
          if (isTakenOut) {
            heap.delete(item);
            inside.delete(item);
          } else {
            item.key = key;
            heap.put(item);
            inside.add(item);
          }
          const keys = [...inside].map((one) => one.key);
          expect(heap.size).toBe(keys.length);
          expect(heap.peek()?.key).toBe(keys.length === 0 ? undefined : Math.min(...keys));
        }
        expect(drained(heap).map(({ key }) => key)).toEqual([...inside].map(({ key }) => key).sort((a, b) => a - b));
      }),
    );
  });
});
