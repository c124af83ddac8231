const whole = new Intl.NumberFormat('en');
const share = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });
const longDay = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const wholeMonth = new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric', timeZone: 'UTC' });
const localDay = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const localMoment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const bytes = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** 12345 -> "12,345". */
export function count(value: number): string {
  return whole.format(value);
}

/** 0.634 -> "63%"; null -> an en dash, for a rate that nothing was logged for. */
export function percent(value: number | null): string {
  return value === null ? '–' : share.format(value);
}

/** "2026-05-09" -> "May 9, 2026". A logged day has no time zone, so none is applied. */
export function day(value: string | null): string {
  if (!value) return '';
  const date = new Date(`${value.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(date.valueOf()) ? value : longDay.format(date);
}

/** A logged day as far as it was logged: "May 9, 2026", "May 2026" or "2026". */
export function loggedDay(value: string, precision: '' | 'day' | 'month' | 'year'): string {
  if (precision === 'year') return value.slice(0, 4);
  const date = new Date(`${value.slice(0, 10)}T00:00:00Z`);
  return precision === 'month' && !Number.isNaN(date.valueOf()) ? wholeMonth.format(date) : day(value);
}

/** A time of the server, RFC 3339 or as PocketBase writes it, on the climber's clock: "May 9, 2026, 10:05 AM". */
export function moment(value: string): string {
  return formatted(localMoment, value);
}

/** The day of such a time in the climber's time zone. */
export function dayOf(value: string): string {
  return formatted(localDay, value);
}

function formatted(format: Intl.DateTimeFormat, value: string): string {
  const date = new Date(value.replace(' ', 'T'));
  return Number.isNaN(date.valueOf()) ? value : format.format(date);
}

/** 1536 -> "1.5 kB" (decimal units). */
export function fileSize(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 1_000_000 ? `${bytes.format(size / 1000)} kB` : `${bytes.format(size / 1_000_000)} MB`;
}

/** plural(2, 'route') -> "2 routes". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/**
 * The two innermost parts of a location, which is what a climber calls the place. The asterisk that
 * Mountain Project puts before some areas only sorts them to the top there.
 */
export function place(location: string): string {
  const parts = location.split(' > ').slice(-2).reverse();
  return parts.map((part) => part.replace(/^\*+\s*/, '')).join(', ');
}
