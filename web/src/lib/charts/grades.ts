import type { GradeStep, GradeValue } from '../analytics/answers';
import type { Area } from './plot';

/** The grades that a chart shows, all of the same height whatever scores they cover. */
export interface GradeAxis {
  /** Where a score lies; the easiest is at the bottom. */
  y: (score: number) => number;
  ticks: { y: number; grade: string }[];
}

/** Grades are labelled no closer than this, in pixels. */
const labelRoom = 18;

/** How many grades lie under a score, with the part of its own grade that does. */
export function rungOf(grades: readonly GradeStep[], score: number): number {
  const index = grades.findIndex(({ high }) => score <= high + 0.5);
  const step = grades[index];
  if (!step) return score < 0 ? 0 : grades.length;
  const within = (score - step.low + 0.5) / (step.high - step.low + 1);
  return index + Math.min(Math.max(within, 0), 1);
}

/** An axis over the grades between the lowest and the highest of `values`. */
export function gradeAxis(grades: readonly GradeStep[], values: readonly GradeValue[], area: Area): GradeAxis {
  const rungs = values.map(({ score }) => Math.floor(rungOf(grades, score)));
  const lowest = Math.max(Math.min(...rungs), 0);
  const highest = Math.min(Math.max(...rungs), grades.length - 1);
  const height = (area.bottom - area.top) / (highest - lowest + 1);
  const at = (rung: number): number => area.bottom - (rung - lowest) * height;
  const every = Math.max(Math.ceil(labelRoom / height), 1);
  return {
    y: (score) => at(rungOf(grades, score)),
    ticks: grades
      .slice(lowest, highest + 1)
      .map(({ grade }, index) => ({ y: at(lowest + index + 0.5), grade }))
      .filter((_, index) => (highest - lowest - index) % every === 0),
  };
}
