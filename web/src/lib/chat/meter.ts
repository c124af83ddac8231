import { count, plural } from '../format';
import type { MessageCount, UsageRecord } from '../pb/types';

/** How many messages of the last 24 hours count, and how many may. */
export interface Usage {
  used: number;
  /** Null is unlimited, 0 a plan without the coach. */
  limit: number | null;
  /** When the next message stops counting; null when none counts. */
  resetsAt: Date | null;
}

export function usageOfCount({ daily_message_count, max_daily_messages, resets_at }: MessageCount): Usage {
  return { used: daily_message_count, limit: max_daily_messages, resetsAt: dateOf(resets_at) };
}

export function usageOfRecord({ daily_message_count, max_daily_messages, resets_at }: UsageRecord): Usage {
  return { used: daily_message_count, limit: max_daily_messages < 0 ? null : max_daily_messages, resetsAt: dateOf(resets_at) };
}

/** Messages that may be sent now; null is unlimited. A plan that was left may have allowed more than the present one. */
export function remainingOf({ used, limit }: Usage): number | null {
  return limit === null ? null : Math.max(0, limit - used);
}

/** "18 of 25 messages left", "Unlimited messages". Empty for a plan without the coach. */
export function remainingWords(usage: Usage): string {
  const remaining = remainingOf(usage);
  if (remaining === null || usage.limit === null) return 'Unlimited messages';
  return usage.limit === 0 ? '' : `${count(remaining)} of ${plural(usage.limit, 'message')} left`;
}

/** "next one free at 2:32 PM", with the day when it is not today's. Empty while there is something left. */
export function nextFreeWords(usage: Usage, now: Date): string {
  // Of a plan that was left there may be more than one too many, and when those are gone nothing tells.
  if (usage.limit === 0 || usage.used !== usage.limit || !usage.resetsAt) return '';
  return `next one free ${clockWords(usage.resetsAt, now)}`;
}

const clock = new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' });

/** "at 2:32 PM", or "tomorrow at 2:32 PM". Never before the minute is over in which it happens. */
export function clockWords(at: Date, now: Date): string {
  const shown = new Date(Math.ceil(at.valueOf() / 60_000) * 60_000);
  return `${shown.toDateString() === now.toDateString() ? '' : 'tomorrow '}at ${clock.format(shown)}`;
}

function dateOf(value: string | null): Date | null {
  const date = new Date((value ?? '').replace(' ', 'T'));
  return Number.isNaN(date.valueOf()) ? null : date;
}
