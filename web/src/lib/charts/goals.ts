import type { GoalShape } from '../pb/types';

/** The shapes of a goal by what the climber calls them. */
export const goalNames: Record<GoalShape, string> = {
  '1-2-4-8': '1, 2, 4, 8 from the hardest send',
  fast: 'Next grade, fast: 1, 3, 4, 6, 9',
  normal: 'Next grade, normal: 1, 3, 5, 8, 16',
  conservative: 'Next grade, broad: 1, 3, 6, 12, 24',
};

/** Reads a shape; null for anything else. */
export function goalOf(text: string | null): GoalShape | null {
  return text !== null && Object.hasOwn(goalNames, text) ? (text as GoalShape) : null;
}
