import { describe, expect, it } from 'vitest';
import { money, price } from '../../src/lib/billing/money';
import { endOf, isLive, lostFeatures, offerOf, planName, stageOf, type Stage } from '../../src/lib/billing/standing';
import { isAnswer, Wish } from '../../src/lib/billing/wish';
import { dueSentence, invoiceStatus, limitsOf, nextFigures, priceOf, stageSentence, termsSentence } from '../../src/lib/billing/words';
import type { ChangePreview, Plan, Subscription } from '../../src/lib/pb/types';

const nothing: Subscription = {
  tier: 'free',
  payment_status: 'inactive',
  stripe_subscription_id: null,
  renewal_date: null,
  next_billing_date: null,
  next_billing_amount: null,
  currency: null,
  cancel_at_period_end: false,
  stripe_status: null,
  fetched_at: '2026-11-25T09:00:00.000Z',
  stale: false,
  grace_until: null,
};

const paid: Subscription = {
  ...nothing,
  tier: 'basic',
  payment_status: 'active',
  stripe_subscription_id: 'sub_1',
  stripe_status: 'active',
  renewal_date: '2026-12-25T12:00:00.000Z',
  next_billing_date: '2026-12-25T12:00:00.000Z',
  next_billing_amount: 999,
  currency: 'usd',
};

const basic: Plan = {
  tier: 'basic',
  name: 'Basic',
  price: { amount: 999, currency: 'usd', interval: 'month' },
  max_daily_messages: 25,
  max_ticks: 50_000,
  max_upload_bytes: 10 << 20,
  features: ['Everything in Free', 'Export of all your data', 'Daily logbook sync'],
};

const free: Plan = { ...basic, tier: 'free', name: 'Free', price: { ...basic.price, amount: 0 }, max_daily_messages: 0, max_upload_bytes: 900_000, features: ['Export of all your data'] };

describe('money', () => {
  it.each([
    [999, 'usd', '$9.99'],
    [3000, 'USD', '$30.00'],
    [-1742, 'usd', '−$17.42'],
    [0, 'eur', '€0.00'],
    [1500, 'jpy', '¥1,500'],
    [12345, 'kwd', 'KWD 12.345'],
    // Nobody uses their small coins, and Stripe counts them all the same.
    [123_400, 'huf', 'HUF 1,234.00'],
    [123_400, 'isk', 'ISK 1,234.00'],
  ])('%d %s is %s', (amount, currency, text) => {
    expect(money(amount, currency).replaceAll('\u00a0', ' ')).toBe(text);
  });

  it('drops the cents of a round price', () => {
    expect([price(3000, 'usd'), price(999, 'usd'), price(0, 'usd')]).toEqual(['$30', '$9.99', '$0']);
  });
});

describe('where a climber stands', () => {
  it.each([
    ['never paid', nothing, 'free', 'subscribe'],
    ['cancelled', { ...nothing, payment_status: 'cancelled' }, 'free', 'subscribe'],
    ['cancelled, and the old subscription still named', { ...nothing, payment_status: 'cancelled', stripe_subscription_id: 'sub_1', stripe_status: 'canceled' }, 'free', 'subscribe'],
    ['at the checkout', { ...nothing, payment_status: 'pending' }, 'pending', 'subscribe'],
    ['a first payment that failed', { ...nothing, payment_status: 'failed' }, 'free', 'subscribe'],
    ['a first payment that ran out', { ...nothing, payment_status: 'failed', stripe_subscription_id: 'sub_1', stripe_status: 'incomplete_expired' }, 'free', 'subscribe'],
    ['the bank is at work', { ...nothing, payment_status: 'pending', stripe_subscription_id: 'sub_1', stripe_status: 'incomplete' }, 'pending', 'subscribe'],
    ['paid', paid, 'active', 'change'],
    ['paid for something that no plan sells', { ...paid, tier: 'free' }, 'free', 'change'],
    ['trial over, and no card', { ...paid, tier: 'free', payment_status: 'inactive', stripe_status: 'paused' }, 'lapsed', 'nothing'],
    ['paid, and Stripe silent', { ...paid, stripe_status: null, stale: true }, 'active', 'change'],
    ['trial', { ...paid, stripe_status: 'trialing' }, 'trial', 'change'],
    ['cancelled for the end', { ...paid, cancel_at_period_end: true }, 'ending', 'change'],
    ['renewal failed', { ...paid, payment_status: 'past_due', stripe_status: 'past_due' }, 'overdue', 'nothing'],
    ['renewal failed, and the grace is over', { ...paid, tier: 'free', payment_status: 'failed', stripe_status: 'past_due' }, 'lapsed', 'nothing'],
    ['never paid after all tries', { ...paid, tier: 'free', payment_status: 'past_due', stripe_status: 'unpaid' }, 'lapsed', 'nothing'],
  ] as [string, Subscription, Stage, string][])('%s', (_, subscription, stage, offer) => {
    expect(stageOf(subscription)).toBe(stage);
    expect(offerOf(subscription)).toBe(offer);
    expect(stageSentence(stage, subscription, 'Basic')).toMatch(/^[A-Z].*\.$/);
  });

  it('can cancel only what could be charged', () => {
    expect([nothing, paid, { ...paid, stripe_status: 'canceled' }, { ...paid, stripe_status: 'unpaid' }].map(isLive)).toEqual([false, true, false, true]);
  });

  it('ends with the paid period', () => {
    expect(endOf(paid)).toBe('2026-12-25T12:00:00.000Z');
    expect(endOf(nothing)).toBeNull();
    expect(stageSentence('ending', { ...paid, cancel_at_period_end: true }, 'Basic')).toBe('You keep Basic until Dec 25, 2026. It is not charged again.');
  });

  it('shows what is charged next only where something will be', () => {
    expect(nextFigures('active', paid).map(({ value }) => value)).toEqual(['$9.99', 'Dec 25, 2026']);
    expect(nextFigures('ending', paid)).toEqual([{ name: 'Ends on', value: 'Dec 25, 2026' }]);
    expect(nextFigures('overdue', paid)).toEqual([]);
    expect(nextFigures('free', nothing)).toEqual([]);
  });
});

describe('plans', () => {
  it('say what they cost and how much they hold', () => {
    expect([priceOf(free), priceOf(basic)]).toEqual([{ amount: '$0', every: 'for good' }, { amount: '$9.99', every: 'a month' }]);
    expect(limitsOf(basic).map(({ value }) => value)).toEqual(['25 a day', '50,000 ticks', 'up to 10 MB']);
    expect(limitsOf(free).map(({ value }) => value)).toEqual(['None', '50,000 ticks', 'up to 900 kB']);
    expect(limitsOf({ ...basic, max_daily_messages: null })[0]?.value).toBe('Unlimited');
  });

  it('have a name before they are read', () => {
    expect([planName(null, 'premium'), planName([{ ...basic, name: 'Base camp' }], 'basic')]).toEqual(['Premium', 'Base camp']);
  });

  it('name what goes with them, and not what stays', () => {
    expect(lostFeatures(basic, free)).toEqual(['Daily logbook sync']);
    expect(lostFeatures(undefined, undefined)).toEqual([]);
  });
});

describe('what a change costs', () => {
  const preview: ChangePreview = { tier: 'premium', amount_due: 1742, credit: 0, currency: 'usd', next_billing_date: '2026-12-25T12:00:00.000Z', lines: [] };

  it.each([
    ['more', 1742, 0, '$17.42 is charged now, for the rest of this period.'],
    ['less', 0, 500, 'Nothing is charged now. $5.00 is left of what you paid, and goes towards your next payments.'],
    ['the same', 0, 0, 'Nothing is charged now.'],
    ['nobody knows', null, 0, 'The difference for the rest of this period is settled now.'],
  ])('%s', (_, amount_due, credit, sentence) => {
    expect(dueSentence({ ...preview, amount_due, credit })).toBe(sentence);
  });

  it('names the price and the renewal', () => {
    expect(termsSentence(basic, preview)).toBe('Basic is $9.99 a month and begins at once. It renews on Dec 25, 2026.');
    expect(termsSentence(basic, { next_billing_date: null })).toBe('Basic is $9.99 a month and begins at once.');
  });
});

it.each([
  ['paid', 'Paid'],
  ['open', 'Not paid yet'],
  ['on_hold', 'on hold'],
  ['toString', 'toString'],
  [null, '–'],
])('an invoice that is %s', (status, words) => {
  expect(invoiceStatus({ status })).toBe(words);
});

describe('the key of a wish', () => {
  it('stays until the wish is answered', () => {
    const wish = new Wish();
    const first = wish.keyFor('basic');
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(wish.keyFor('basic')).toBe(first);
    wish.settle();
    expect(wish.keyFor('basic')).not.toBe(first);
  });

  it('is another one for another plan', () => {
    const wish = new Wish();
    expect(wish.keyFor('basic')).not.toBe(wish.keyFor('premium'));
  });

  it.each([
    [0, false],
    [402, true],
    [409, true],
    [500, false],
    [503, false],
  ])('a failure with status %d answers it: %s', (status, answered) => {
    expect(isAnswer(status)).toBe(answered);
  });
});
