import type { Breakthrough, Breakthroughs } from './answers';

/** When it was, from the record before: "3 months after", "on the same day"; '' when that is not known. */
export function waitText(days: number | null): string {
  if (days === null) return '';
  return days === 0 ? 'on the same day' : `${lengthOf(days)} after`;
}

function lengthOf(days: number): string {
  if (days < 60) return days === 1 ? '1 day' : `${days} days`;
  const months = Math.round(days / 30.44);
  if (months < 24) return `${months} months`;
  const years = Math.floor(months / 12);
  const rest = months % 12;
  return rest === 0 ? `${years} years` : `${years} years ${rest} ${rest === 1 ? 'month' : 'months'}`;
}

/** The earliest first: the order in which they happened. */
export function inTime({ grades }: Breakthroughs): Breakthrough[] {
  return [...grades].sort((a, b) => a.date.localeCompare(b.date) || a.low - b.low);
}

/** The grades of the axis, the easiest first; a grade that was never sent has no step. */
export function stepsOf({ grades }: Breakthroughs): Breakthrough[] {
  return [...grades].sort((a, b) => a.low - b.low);
}
