import { describe, expect, it } from 'vitest';
import { goalOf } from '../../src/lib/charts/goals';
import { describeBin, layoutPyramid, stepsText, withGoal, type PyramidSize } from '../../src/lib/charts/pyramid';
import type { Goal, PyramidBin, StyleCounts } from '../../src/lib/pb/types';

const size: PyramidSize = { width: 600, rowHeight: 30, barHeight: 20, gutter: 50 };

function bin(grade: string, styles: StyleCounts): PyramidBin {
  const count = Object.values(styles).reduce((sum, value) => sum + value, 0);
  return { grade, low: 0, high: 0, count, styles, routes: [] };
}

const bins = [bin('5.12a', { redpoint: 1 }), bin('5.11d', {}), bin('5.11c', { onsight: 4, flash: 0, redpoint: 16 })];

describe('layout of a pyramid', () => {
  const { rows, height } = layoutPyramid(bins, size);

  it('puts one row under the other, hardest on top', () => {
    expect(rows.map((row) => [row.bin.grade, row.y])).toEqual([['5.12a', 0], ['5.11d', 30], ['5.11c', 60]]);
    expect(height).toBe(90);
  });

  it('centres every bar', () => {
    for (const row of rows) expect((row.left + row.right) / 2).toBeCloseTo(size.width / 2);
  });

  it('gives the longest bar the room between the gutters', () => {
    expect(rows[2]?.left).toBeCloseTo(50);
    expect(rows[2]?.right).toBeCloseTo(550);
  });

  it('draws all bars on one scale', () => {
    const widths = rows.map((row) => row.right - row.left);
    expect(widths[2]).toBeCloseTo(20 * (widths[0] ?? 0));
  });

  it('stacks the styles purest first, without holes, and skips those that count nothing', () => {
    const segments = rows[2]?.segments ?? [];
    expect(segments.map((part) => part.style)).toEqual(['onsight', 'redpoint']);
    expect(segments[0]!.x + segments[0]!.width).toBeCloseTo(segments[1]!.x);
  });

  it('marks each route within a style', () => {
    expect(rows[2]?.segments.map((part) => part.joints.length)).toEqual([3, 15]);
  });

  it('leaves an empty grade without a bar', () => {
    expect(rows[1]?.segments).toEqual([]);
  });
});

describe('limits of a pyramid', () => {
  it('does not blow up a single route', () => {
    const { rows } = layoutPyramid([bin('V2', { send: 1 })], { ...size, width: 1200 });
    expect(rows[0]!.right - rows[0]!.left).toBeCloseTo(56);
  });

  it('leaves the joints out where they would touch', () => {
    const { rows } = layoutPyramid([bin('V2', { send: 400 })], size);
    expect(rows[0]?.segments[0]?.joints).toEqual([]);
  });

  it.each([0, 80])('stays finite at a width of %d, before it is measured', (width) => {
    const { rows } = layoutPyramid(bins, { ...size, width });
    for (const row of rows) expect(Number.isFinite(row.left) && Number.isFinite(row.right)).toBe(true);
  });

  it('of nothing is empty', () => {
    expect(layoutPyramid([], size)).toEqual({ width: 600, height: 0, rows: [] });
  });
});

describe('a bar in words', () => {
  it.each([
    [bin('7a', { onsight: 1, flash: 3, redpoint: 4 }), '7a: 8 routes, 1 onsight, 3 flash, 4 redpoint'],
    [bin('V5', { send: 1 }), 'V5: 1 route, 1 send'],
    [bin('V6', { undetermined: 2 }), 'V6: 2 routes, 2 without a result'],
    [bin('V7', {}), 'V7: no route'],
  ])('%#', (value, words) => {
    expect(describeBin(value)).toBe(words);
  });
});

describe('a goal', () => {
  it.each([
    ['normal', 'normal'],
    ['1-2-4-8', '1-2-4-8'],
    ['toString', null],
    ['', null],
    [null, null],
  ])('asked for as %j is %j', (text, shape) => {
    expect(goalOf(text)).toBe(shape);
  });

  const row = (grade: string, target: number, sent: number) => ({ grade, target, sent, have: sent, gap: Math.max(target - sent, 0) });
  const goal: Goal = {
    shape: 'normal', grade: '5.12b', missing: 4, rule: '',
    rows: [row('5.12b', 1, 0), row('5.12a', 3, 1), row('5.11d', 1, 0), row('5.11c', 8, 20), row('5.11b', 16, 0)],
    next_steps: [{ grade: '5.12a', routes: 2 }, { grade: '5.12b', routes: 1 }],
  };

  it('adds the grades above and below the bars', () => {
    expect(withGoal(bins, goal).map(({ grade, count }) => [grade, count])).toEqual([['5.12b', 0], ['5.12a', 1], ['5.11d', 0], ['5.11c', 20], ['5.11b', 0]]);
    expect(withGoal(bins, null)).toEqual(bins);
  });

  it('that lies above all bars stands above them', () => {
    expect(withGoal([bin('5.9', { send: 1 })], { ...goal, rows: goal.rows.slice(0, 2) }).map(({ grade }) => grade)).toEqual(['5.12b', '5.12a', '5.9']);
  });

  it('is an outline on the scale of the bars, centred like them', () => {
    const { rows } = layoutPyramid(withGoal(bins, goal), size, goal);
    const brick = 500 / 20;
    expect(rows[4]?.target).toEqual({ x: 300 - 8 * brick, width: 16 * brick });
    expect(rows[4]?.end).toBe(300 + 8 * brick);
    expect(rows[3]?.end).toBeCloseTo(550);
  });

  it('has room even where it is wider than every bar', () => {
    const { rows } = layoutPyramid([bin('5.9', { send: 1 })], size, { ...goal, rows: [row('5.9', 40, 1)] });
    expect(rows[0]?.target).toEqual({ x: 50, width: 500 });
  });

  it('says what is missing', () => {
    expect(describeBin(bins[0]!, goal.rows[1])).toBe('5.12a: 1 route, 1 redpoint; goal 3, 2 missing');
    expect(describeBin(bins[2]!, goal.rows[3])).toBe('5.11c: 20 routes, 4 onsight, 16 redpoint; goal 8, reached');
    expect(stepsText(goal)).toBe('2 routes at 5.12a and 1 route at 5.12b');
  });
});
