import { expect, it } from 'vitest';
import { rowAfterKey } from '../../src/lib/charts/roving';

it.each([
  ['ArrowDown', 0, 1],
  ['ArrowUp', 1, 0],
  ['ArrowUp', 0, 0],
  ['ArrowDown', 9, 9],
  ['Home', 7, 0],
  ['End', 2, 9],
  ['PageDown', 2, 7],
  ['PageDown', 8, 9],
  ['PageUp', 3, 0],
  ['Tab', 3, null],
  ['a', 3, null],
])('%s from row %d of 10 leads to %s', (key, row, target) => {
  expect(rowAfterKey(key, row, 10)).toBe(target);
});
