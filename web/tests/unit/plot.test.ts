import { describe, expect, it } from 'vitest';
import { areaOf, columnSpots, countTicks, rowSpots } from '../../src/lib/charts/plot';
import { markAfterKey } from '../../src/lib/charts/roving';

const margins = { top: 10, right: 10, bottom: 20, left: 50 };

describe('the room of a chart', () => {
  it('is what the margins leave', () => {
    expect(areaOf(600, 300, margins)).toEqual({ left: 50, right: 590, top: 10, bottom: 280 });
  });

  it('is never turned inside out, not even before it was measured', () => {
    const { left, right, top, bottom } = areaOf(0, 0, margins);
    expect(right).toBeGreaterThan(left);
    expect(bottom).toBeGreaterThan(top);
  });
});

describe('the lines for counts', () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [7, [0, 2, 4, 6, 8]],
    [1234, [0, 500, 1000, 1500]],
  ])('up to %d are whole and reach it: %j', (most, ticks) => {
    expect(countTicks(most)).toEqual(ticks);
  });

  it('are never fractions', () => {
    for (let most = 0; most < 300; most++) {
      const ticks = countTicks(most);
      expect(ticks.every(Number.isInteger)).toBe(true);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
      expect(ticks.length).toBeGreaterThan(1);
    }
  });
});

describe('what the pointer and the keyboard find', () => {
  const area = areaOf(200, 100, margins);

  it('is a column over the whole height', () => {
    const spots = columnSpots(['a', 'b'], [{ x: 50, width: 30 }, { x: 90, width: 5 }], area, (item) => item, (item) => `column ${item}`);
    expect(spots[1]).toEqual({ key: 'b', label: 'column b', x: 90, width: 5, y: 10, height: 70 });
  });

  it('is a row over the whole width', () => {
    const spots = rowSpots(['a', 'b'], 200, 30, (item) => item, (item) => `row ${item}`, 20);
    expect(spots[1]).toEqual({ key: 'b', label: 'row b', x: 1, width: 198, y: 51, height: 28 });
  });
});

describe('keys among marks', () => {
  it.each([
    ['ArrowRight', 'columns', 3],
    ['ArrowLeft', 'columns', 1],
    ['ArrowDown', 'columns', null],
    ['End', 'columns', 9],
    ['ArrowDown', 'rows', 3],
    ['ArrowRight', 'rows', null],
    ['Home', 'rows', 0],
    ['Enter', 'rows', null],
  ] as const)('%s among %s leads to %s', (key, direction, target) => {
    expect(markAfterKey(key, 2, 10, direction)).toBe(target);
  });

  it('stop at the ends', () => {
    expect(markAfterKey('ArrowRight', 9, 10, 'columns')).toBe(9);
    expect(markAfterKey('ArrowLeft', 0, 10, 'columns')).toBe(0);
  });
});
