import { quantileSorted } from 'd3-array';
import { dayAt, dayNumber } from '../charts/time';
import { day as inWords, plural } from '../format';
import type { Calendar, CalendarDay, CalendarMonth, Streak } from './answers';

/** The days that the heat map shows, both included. */
export interface Span {
  name: string;
  from: string;
  to: string;
}

/** The twelve months up to the last day out, and every year with a day out, the latest first. */
export function spansOf(calendar: Calendar): Span[] {
  const last = calendar.last_day;
  if (!last) return [];
  const yearAgo = dayAt(dayNumber(last) - 364);
  const years = calendar.years.filter(({ days }) => days > 0).map(({ year }) => ({ name: String(year), from: `${year}-01-01`, to: `${year}-12-31` }));
  return [{ name: 'Latest 12 months', from: yearAgo, to: last }, ...years.reverse()];
}

/** A day of the heat map: its column is a week, its row a weekday with Monday first. */
export interface Cell {
  date: string;
  column: number;
  row: number;
  /** 0 is a day without climbing, 4 one of the busiest. */
  level: number;
  pitches: number;
  ticks: number;
}

/** 1970 began on a Thursday. */
const mondayFirst = (number: number): number => (((number + 3) % 7) + 7) % 7;

/** Every day of a span, climbed or not. */
export function cellsOf(days: readonly CalendarDay[], span: Span): Cell[] {
  const inSpan = days.filter(({ date }) => date >= span.from && date <= span.to);
  const byDate = new Map(inSpan.map((entry) => [entry.date, entry]));
  const bounds = boundsOf(inSpan.map(({ pitches }) => pitches));
  const first = dayNumber(span.from);
  const cells: Cell[] = [];
  for (let number = first; number <= dayNumber(span.to); number++) {
    const date = dayAt(number);
    const { pitches = 0, ticks = 0 } = byDate.get(date) ?? {};
    const column = Math.floor((number - first + mondayFirst(first)) / 7);
    cells.push({ date, column, row: mondayFirst(number), level: levelOf(pitches, bounds), pitches, ticks });
  }
  return cells;
}

/** The least of each of the four levels, so that each has about a quarter of the days out. */
export function boundsOf(values: readonly number[]): number[] {
  const sorted = [...values].filter((value) => value > 0).sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  return [...new Set([0, 0.25, 0.5, 0.75].map((part) => Math.ceil(quantileSorted(sorted, part) ?? 0)))];
}

export function levelOf(value: number, bounds: readonly number[]): number {
  if (value <= 0) return 0;
  const level = bounds.filter((bound) => value >= bound).length;
  // With fewer levels than four the busiest day is still drawn as one.
  return Math.max(level + (4 - bounds.length), 1);
}

/** A day in words. */
export function describeDay({ date, pitches, ticks }: Pick<Cell, 'date' | 'pitches' | 'ticks'>): string {
  if (ticks === 0) return `${inWords(date)}: no climbing`;
  return `${inWords(date)}: ${plural(pitches, 'pitch', 'pitches')}, ${plural(ticks, 'tick')}`;
}

/** The heat map in a sentence, which is all that it says to a screen reader. */
export function describeSpan(cells: readonly Cell[], span: Span): string {
  const out = cells.filter(({ ticks }) => ticks > 0);
  const busiest = out.reduce<Cell | undefined>((most, cell) => (most && most.pitches >= cell.pitches ? most : cell), undefined);
  const name = span.name.toLowerCase();
  if (!busiest) return `${name}: no day out`;
  return `${span.name}: ${plural(out.length, 'day')} out, the busiest ${describeDay(busiest)}`;
}

/** The pitches of a year by month, January first; null where nothing was climbed. */
export function monthsByYear(months: readonly CalendarMonth[]): { year: number; months: (CalendarMonth | null)[] }[] {
  const years = [...new Set(months.map(({ year }) => year))].sort((a, b) => b - a);
  return years.map((year) => ({
    year,
    months: Array.from({ length: 12 }, (_, index) => months.find((entry) => entry.year === year && entry.month === index + 1) ?? null),
  }));
}

/** A streak in words: "4 days, Jan 2, 2025 to Jan 5, 2025". */
export function streakText(streak: Streak | null, one: string): string {
  if (!streak) return '–';
  return `${plural(streak.length, one)}, ${inWords(streak.from)} to ${inWords(streak.to)}`;
}
