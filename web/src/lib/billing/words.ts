import { count, dayOf, fileSize } from '../format';
import type { ChangePreview, Invoice, Plan, Subscription } from '../pb/types';
import { money, price } from './money';
import { endOf, type Stage } from './standing';

/** The badge beside the name of the plan. */
export const stageBadges: Record<Stage, { text: string; tone: 'good' | 'bad' | 'plain' } | null> = {
  free: null,
  pending: { text: 'Payment pending', tone: 'plain' },
  trial: { text: 'Trial', tone: 'good' },
  active: { text: 'Active', tone: 'good' },
  ending: { text: 'Cancelled', tone: 'plain' },
  overdue: { text: 'Payment failed', tone: 'bad' },
  lapsed: { text: 'Payment failed', tone: 'bad' },
};

/** One sentence on where the plan stands. */
export function stageSentence(stage: Stage, subscription: Subscription, name: string): string {
  const end = endOf(subscription);
  switch (stage) {
    case 'free':
      return subscription.payment_status === 'cancelled' ? 'Your paid plan has ended. Your logbook and every chart are still yours.' : 'You pay nothing. Your logbook and every chart are yours.';
    case 'pending':
      return 'Your first payment has not gone through yet. The plan begins as soon as it has.';
    case 'trial':
      return end ? `Free until ${dayOf(end)}. Then the first payment is due.` : 'The first payment is due when the trial ends.';
    case 'active':
      return 'Renews by itself. Change or cancel whenever you like.';
    case 'ending':
      return end ? `You keep ${name} until ${dayOf(end)}. It is not charged again.` : `${name} is not charged again.`;
    case 'overdue':
      return `The last payment for ${name} did not go through.`;
    case 'lapsed':
      return 'The last payment did not go through, so you are on the free plan for now.';
  }
}

/** The figures of the present plan: what is charged next, and when. Nothing where nothing will be. */
export function nextFigures(stage: Stage, subscription: Subscription): { name: string; value: string }[] {
  const { next_billing_amount, next_billing_date, currency } = subscription;
  const end = endOf(subscription);
  if (stage === 'ending') return end ? [{ name: 'Ends on', value: dayOf(end) }] : [];
  if (stage !== 'active' && stage !== 'trial') return [];
  const figures = [];
  if (next_billing_amount !== null && currency) figures.push({ name: 'Next payment', value: money(next_billing_amount, currency) });
  if (next_billing_date) figures.push({ name: stage === 'trial' ? 'First payment on' : 'Renews on', value: dayOf(next_billing_date) });
  return figures;
}

/** A plan's price and how often it is due. */
export function priceOf({ price: { amount, currency, interval } }: Plan): { amount: string; every: string } {
  return { amount: price(amount, currency), every: amount === 0 ? 'for good' : `a ${interval}` };
}

/** The limits of a plan, by name. */
export function limitsOf({ max_daily_messages, max_ticks, max_upload_bytes }: Plan): { name: string; value: string }[] {
  return [
    { name: 'Coach messages', value: max_daily_messages === null ? 'Unlimited' : max_daily_messages === 0 ? 'None' : `${count(max_daily_messages)} a day` },
    { name: 'Logbook', value: `${count(max_ticks)} ticks` },
    { name: 'Import file', value: `up to ${wholeSize(max_upload_bytes)}` },
  ];
}

/** Limits are set in whole MiB. What is called a MB here is a little less, so that it never promises more than is accepted. */
function wholeSize(bytes: number): string {
  const whole = Math.floor(bytes / 2 ** 20);
  return whole > 0 ? `${count(whole)} MB` : fileSize(bytes);
}

/** What a change costs now, in one sentence. */
export function dueSentence({ amount_due, credit, currency }: ChangePreview): string {
  if (amount_due === null) return 'The difference for the rest of this period is settled now.';
  if (amount_due > 0) return `${money(amount_due, currency)} is charged now, for the rest of this period.`;
  if (credit > 0) return `Nothing is charged now. ${money(credit, currency)} is left of what you paid, and goes towards your next payments.`;
  return 'Nothing is charged now.';
}

/** What a plan costs, and when it renews. */
export function termsSentence(plan: Plan, { next_billing_date }: Pick<ChangePreview, 'next_billing_date'>): string {
  const { amount, every } = priceOf(plan);
  return `${plan.name} is ${amount} ${every} and begins at once${next_billing_date ? `. It renews on ${dayOf(next_billing_date)}` : ''}.`;
}

const invoiceStatuses: Record<string, string> = {
  draft: 'Being prepared',
  open: 'Not paid yet',
  paid: 'Paid',
  void: 'Withdrawn',
  uncollectible: 'Not collected',
};

/** An invoice's status in words. One that this page does not know yet keeps its own name. */
export function invoiceStatus({ status }: Pick<Invoice, 'status'>): string {
  if (status === null) return '–';
  return Object.hasOwn(invoiceStatuses, status) ? invoiceStatuses[status]! : status.replaceAll('_', ' ');
}
