import { plural } from './format';

const clock = new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' });

/** The seconds that a Retry-After header asks to wait, given as a number or as a date; 0 without one that can be read. */
export function secondsOf(header: string | null, now: Date): number {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now.valueOf()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0;
}

/** Says when to try again: "Try again in 15 minutes, at 10:05 AM." */
export function retrySentence(seconds: number, now: Date): string {
  if (seconds <= 90) return `Try again in ${plural(seconds, 'second')}.`;
  const minutes = Math.ceil(seconds / 60);
  const wait = minutes < 120 ? plural(minutes, 'minute') : plural(Math.ceil(minutes / 60), 'hour');
  return `Try again in ${wait}, at ${clock.format(new Date(now.valueOf() + seconds * 1000))}.`;
}
