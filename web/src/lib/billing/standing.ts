import type { Plan, Subscription, Tier } from '../pb/types';

/**
 * Where a climber stands with the plan:
 * - free: nothing is paid, and nothing is open
 * - pending: the first payment has not gone through yet
 * - trial, active: the plan goes on by itself
 * - ending: paid, and cancelled for the end of the period
 * - overdue: a payment failed, and the plan stays for a while
 * - lapsed: a payment failed or never came, and the plan is gone until it is paid
 */
export type Stage = 'free' | 'pending' | 'trial' | 'active' | 'ending' | 'overdue' | 'lapsed';

/** What Stripe calls a subscription that has not begun or has come to its end. */
const notLive = ['incomplete', 'incomplete_expired', 'canceled'];

/** Whether there is a subscription at Stripe that is charged by itself. */
export function isLive({ stripe_subscription_id, stripe_status }: Subscription): boolean {
  return stripe_subscription_id !== null && !notLive.includes(stripe_status ?? '');
}

export function stageOf(subscription: Subscription): Stage {
  const { tier, payment_status, stripe_status, cancel_at_period_end } = subscription;
  const unpaid = payment_status === 'past_due' || payment_status === 'failed' || stripe_status === 'paused';
  if (tier === 'free') return payment_status === 'pending' ? 'pending' : unpaid && isLive(subscription) ? 'lapsed' : 'free';
  if (unpaid) return 'overdue';
  if (cancel_at_period_end) return 'ending';
  return stripe_status === 'trialing' ? 'trial' : 'active';
}

/**
 * What the plans offer: to take one at the checkout, to change the paid one, or nothing until a payment is settled. What is
 * charged at once, without a checkout, has to be asked for: that is so whenever something lives at Stripe.
 */
export function offerOf(subscription: Subscription): 'subscribe' | 'change' | 'nothing' {
  const stage = stageOf(subscription);
  if (stage === 'overdue' || stage === 'lapsed') return 'nothing';
  return isLive(subscription) ? 'change' : 'subscribe';
}

/** Until when the present plan is paid or kept. */
export function endOf({ renewal_date, next_billing_date }: Subscription): string | null {
  return renewal_date ?? next_billing_date;
}

export function planOf(plans: readonly Plan[] | null, tier: Tier): Plan | undefined {
  return plans?.find((plan) => plan.tier === tier);
}

/** What a climber calls a tier, also while the plans are not read yet. */
export function planName(plans: readonly Plan[] | null, tier: Tier): string {
  return planOf(plans, tier)?.name ?? tier.charAt(0).toUpperCase() + tier.slice(1);
}

/** What one plan gives that a smaller one does not, without the line that only refers to the smaller one. */
export function lostFeatures(from: Plan | undefined, to: Plan | undefined): string[] {
  const kept = new Set(to?.features);
  return (from?.features ?? []).filter((feature) => !kept.has(feature) && !/^everything in /i.test(feature));
}
