import type { Area } from './plot';

const millisecondsOfDay = 86_400_000;

/** Days since 1970 of YYYY-MM-DD. */
export function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / millisecondsOfDay;
}

/** The day that many days after 1970, as YYYY-MM-DD. */
export function dayAt(number: number): string {
  return new Date(number * millisecondsOfDay).toISOString().slice(0, 10);
}

/** The first and the last day of a month YYYY-MM. */
export function daysOfMonth(month: string): { from: string; to: string } {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return { from: `${month}-01`, to: new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10) };
}

export interface TimeTick {
  x: number;
  label: string;
}

export interface TimeAxis {
  /** Where a day begins. */
  x: (day: string) => number;
  /** Where the day ends, which is where the next one begins. */
  end: (day: string) => number;
  ticks: TimeTick[];
}

/** Spans of less than this are told by months, longer ones by years. */
const daysOfMonths = 550;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An axis from the beginning of one day to the end of another. */
export function timeAxis(first: string, last: string, area: Area): TimeAxis {
  const from = dayNumber(first);
  const span = Math.max(dayNumber(last) + 1 - from, 1);
  const at = (number: number): number => area.left + ((number - from) / span) * (area.right - area.left);
  const starts = span < daysOfMonths ? monthStarts(first, last) : yearStarts(first, last);
  const room = span < daysOfMonths ? 34 : 42;
  const step = starts.length > 1 ? (area.right - area.left) / starts.length : Infinity;
  const every = Math.max(Math.ceil(room / step), 1);
  return {
    x: (day) => at(dayNumber(day)),
    end: (day) => at(dayNumber(day) + 1),
    ticks: starts.filter((_, index) => (starts.length - 1 - index) % every === 0).map(({ day, label }) => ({ x: at(dayNumber(day)), label })),
  };
}

function yearStarts(first: string, last: string): { day: string; label: string }[] {
  const starts = [];
  for (let year = Number(first.slice(0, 4)); year <= Number(last.slice(0, 4)); year++) starts.push({ day: `${year}-01-01`, label: String(year) });
  return starts.filter(({ day }) => day >= first);
}

function monthStarts(first: string, last: string): { day: string; label: string }[] {
  const starts = [];
  const date = new Date(`${first.slice(0, 7)}-01T00:00:00Z`);
  for (; date.toISOString().slice(0, 10) <= last; date.setUTCMonth(date.getUTCMonth() + 1)) {
    const month = date.getUTCMonth();
    starts.push({ day: date.toISOString().slice(0, 10), label: month === 0 ? String(date.getUTCFullYear()) : (months[month] ?? '') });
  }
  return starts.filter(({ day }) => day >= first);
}

/** The latest periods that fit side by side when each unit of `days` needs `room` pixels. */
export function latestThatFit<T extends { from: string }>(periods: readonly T[], days: number, pixels: number, room: number): T[] {
  const last = periods.at(-1);
  if (!last) return [];
  const earliest = dayNumber(last.from) - Math.max(Math.floor(pixels / room) - 1, 0) * days;
  return periods.filter(({ from }) => dayNumber(from) >= earliest);
}

export interface Column {
  x: number;
  width: number;
  middle: number;
}

/** The stretches of a time axis that periods take. */
export function columnsOver(periods: readonly { from: string; to: string }[], axis: TimeAxis): Column[] {
  return periods.map(({ from, to }) => {
    const x = axis.x(from);
    const width = Math.max(axis.end(to) - x, 1);
    return { x, width, middle: x + width / 2 };
  });
}
