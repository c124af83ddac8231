import { call, pb } from './client';
import type { ChangePreview, InvoicePage, Plan, Subscribed, Subscription, Tier } from './types';

/** Invoices that are read at a time. */
const invoicesAtATime = 12;

const billing = '/v1/users/me';

export function readPlans(signal: AbortSignal): Promise<Plan[]> {
  return call('/v1/plans', { signal });
}

export function readSubscription(signal: AbortSignal): Promise<Subscription> {
  return call(`${billing}/subscription`, { signal });
}

/** Asks for another tier. The same `key` again is the same wish: it neither opens a second checkout nor pays twice. */
export function subscribe(tier: Tier, key: string): Promise<Subscribed> {
  return call(`${billing}/subscribe`, { method: 'POST', body: { desired_tier: tier }, headers: { 'Idempotency-Key': key } });
}

export function readPreview(tier: Tier, signal: AbortSignal): Promise<ChangePreview> {
  return call(`${billing}/subscription/preview`, { query: { tier }, signal });
}

export function cancelSubscription(atPeriodEnd: boolean): Promise<Subscription> {
  return call(`${billing}/cancel-subscription`, { method: 'POST', body: { at_period_end: atPeriodEnd } });
}

/** Takes back a cancellation at the end of the period. */
export function resumeSubscription(): Promise<Subscription> {
  return call(`${billing}/resume-subscription`, { method: 'POST', body: {} });
}

/** Makes a page at Stripe for payment methods and open invoices. Its address is a secret, good for one visit. */
export async function makePortal(): Promise<string> {
  const { url } = await call<{ url: string }>(`${billing}/billing-portal`, { method: 'POST', body: {} });
  return url;
}

/** Has the server look at what became of the climber's own checkout. Its answer leads to a page that we are on already. */
export async function settleCheckout(sessionID: string): Promise<void> {
  await call('/v1/billing/return', { query: { session_id: sessionID }, redirect: 'manual' });
}

/** Reads invoices, newest first, beginning after the one that `after` stands for. */
export function readInvoices(after: string | null, signal: AbortSignal): Promise<InvoicePage> {
  return call(`${billing}/invoices`, { query: { limit: invoicesAtATime, ...(after && { after }) }, signal });
}

/** What the climber's own record tells of the plan. */
export type Standing = Pick<Subscription, 'tier' | 'payment_status'>;

const standingFields = 'id,tier,payment_status';

/**
 * Calls `onchange` with what the climber's record says: with each change, and whenever there may have been one that nobody
 * told of, because the events of a gap are lost. Until the returned function is called.
 */
export function followStanding(userID: string, onchange: (standing: Standing) => void): () => void {
  const left = new AbortController();
  const users = pb.collection('users');

  async function read() {
    // After a failure there is the next event or connection.
    const standing = await users.getOne<Standing>(userID, { fields: standingFields, signal: left.signal, requestKey: null }).catch(() => null);
    if (standing && !left.signal.aborted) onchange(standing);
  }

  const subscriptions = [
    users.subscribe<Standing>(userID, ({ record }) => !left.signal.aborted && onchange(record), { fields: standingFields }).then((end) => (void read(), end)),
    pb.realtime.subscribe('PB_CONNECT', () => !left.signal.aborted && void read()),
    // Without a connection there is nothing to end, and the page shows what it has read.
  ].map((subscription) => subscription.catch(() => null));

  return () => {
    left.abort();
    for (const subscription of subscriptions) void subscription.then((end) => end?.().catch(() => {}));
  };
}
