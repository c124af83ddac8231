import { count, plural } from '../format';
import type { AttemptGrade, Attempts, Spread } from './answers';

const decimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

const number = (value: number | null): string => (value === null ? '–' : decimal.format(value));

/** A spread in words: "1 to 9, 2.4 on average"; one value where all are equal. */
export function spreadText(spread: Spread): string {
  if (spread.min === null) return '–';
  if (spread.min === spread.max) return number(spread.min);
  return `${number(spread.min)} to ${number(spread.max)}, ${number(spread.average)} on average`;
}

/** A row in one sentence. */
export function describeAttempts(row: AttemptGrade): string {
  if (row.count === 0) return `${row.grade}: no route`;
  return `${row.grade}: ${plural(row.count, 'route')}, ${row.first_try} at the first try; tries ${spreadText(row.tries)}; days ${spreadText(row.days)}`;
}

export const attemptsHead = ['Grade', 'Routes', 'First try', 'Tries min', 'Median', 'Average', 'Max', 'Days average', 'Days max'];

export function attemptsRow(row: AttemptGrade): string[] {
  const { tries, days } = row;
  return [row.grade, count(row.count), count(row.first_try), number(tries.min), number(tries.median), number(tries.average), number(tries.max), number(days.average), number(days.max)];
}

/** The whole in a sentence. */
export function attemptsSummary({ routes, first_try, tries }: Attempts): string {
  if (routes === 0) return 'No route whose tries are known.';
  return `${plural(routes, 'route')} whose tries are known, ${count(first_try)} at the first try; ${number(tries.average)} on average, ${number(tries.max)} at most.`;
}
