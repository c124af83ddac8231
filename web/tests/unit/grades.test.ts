import { describe, expect, it } from 'vitest';
import { gradeAxis, rungOf } from '../../src/lib/charts/grades';

const grades = [
  { grade: '5.8', low: 46, high: 51 },
  { grade: '5.9', low: 52, high: 56 },
  { grade: '5.10a', low: 57, high: 61 },
  { grade: '5.10b', low: 62, high: 63 },
];

describe('the place of a score among the grades', () => {
  it.each([
    [54, 1.5],
    [59, 2.5],
    [62.5, 3.5],
    [46, 1 / 12],
    [64, 4],
    [-3, 0],
  ])('%d is at %d', (score, rung) => {
    expect(rungOf(grades, score)).toBeCloseTo(rung);
  });

  it('grows with the score', () => {
    for (let score = 46; score < 63; score += 0.5) expect(rungOf(grades, score + 0.5)).toBeGreaterThanOrEqual(rungOf(grades, score));
  });
});

describe('an axis of grades', () => {
  const area = { left: 0, right: 100, top: 0, bottom: 120 };
  const values = [{ score: 54, grade: '5.9' }, { score: 62.5, grade: '5.10b' }];

  it('has the grades between the lowest and the highest, each of the same height', () => {
    const axis = gradeAxis(grades, values, area);
    expect(axis.ticks).toEqual([{ y: 100, grade: '5.9' }, { y: 60, grade: '5.10a' }, { y: 20, grade: '5.10b' }]);
    expect(axis.y(54)).toBeCloseTo(100);
    expect(axis.y(59)).toBeCloseTo(60);
  });

  it('labels fewer of them where there is no room, but always the hardest', () => {
    expect(gradeAxis(grades, values, { ...area, bottom: 45 }).ticks.map(({ grade }) => grade)).toEqual(['5.9', '5.10b']);
  });
});
