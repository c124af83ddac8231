import { leaveFor } from '../leave';
import { Loader } from '../loader.svelte';
import { cancelSubscription, makePortal, readPlans, readSubscription, resumeSubscription, settleCheckout, subscribe, type Standing } from '../pb/billing';
import { problemOf } from '../pb/errors';
import type { Plan, Subscription, Tier } from '../pb/types';
import { Sending } from '../sending.svelte';
import { planName, stageOf, type Stage } from './standing';
import { isAnswer, Wish } from './wish';

/** How the climber came back from Stripe's checkout, if so. */
export type CheckoutReturn = 'success' | 'cancelled' | null;

/** The climber's plan, and what is being done about it. */
export class Billing {
  readonly plans = new Loader<Plan[]>();
  readonly subscription = new Loader<Subscription>();
  /** What is under way: one thing at a time. */
  readonly sending = new Sending();
  /** Looking at what became of a checkout. */
  readonly settling = new Sending();
  /** The checkout that the climber came back from. */
  returned = $state<CheckoutReturn>(null);
  /** What the last change came to. */
  said = $state('');
  /** On the way to a page of Stripe. */
  leaving = $state(false);
  /** Tries again what failed without an answer. */
  retry = $state.raw<(() => void) | undefined>();
  readonly #wish = new Wish();

  get stage(): Stage | null {
    return this.subscription.data && stageOf(this.subscription.data);
  }

  get busy(): boolean {
    return this.sending.busy || this.leaving;
  }

  /** Payments are not set up: there is nothing to buy here. */
  get closed(): boolean {
    return this.subscription.problem?.code === 'billing_not_configured' || this.sending.problem?.code === 'billing_not_configured';
  }

  nameOf(tier: Tier): string {
    return planName(this.plans.data, tier);
  }

  load(): void {
    if (!this.plans.data) void this.plans.load(readPlans);
    void this.subscription.load(readSubscription);
  }

  leave(): void {
    this.plans.cancel();
    this.subscription.cancel();
  }

  /** Reads the plan again when the climber's record says something else than the page. */
  heard({ tier, payment_status }: Standing): void {
    const shown = this.subscription.data;
    if (!shown || (tier === shown.tier && payment_status === shown.payment_status)) return;
    // What is under way ends with the newest state anyway.
    if (!this.sending.busy) void this.subscription.load(readSubscription);
  }

  /** The browser brought the page back as it was left. */
  revive(): void {
    this.leaving = false;
    this.load();
  }

  /** Looks at what became of a checkout before the plan is read. */
  async settle(sessionID: string): Promise<void> {
    if (await this.settling.send({}, () => settleCheckout(sessionID))) this.returned = 'success';
    this.load();
  }

  /** Takes a plan: to Stripe's checkout, or at once when there is a paid plan already. */
  async take(tier: Tier): Promise<boolean> {
    return this.#act(async () => {
      const answer = await this.#subscribe(tier);
      if (answer.action === 'checkout') return this.#leaveFor(answer.checkout_url);
      this.#show(answer.subscription, `You are on ${this.nameOf(answer.subscription.tier)} now.`);
    });
  }

  async cancel(atPeriodEnd: boolean): Promise<boolean> {
    return this.#act(async () => {
      const subscription = await cancelSubscription(atPeriodEnd);
      this.#show(subscription, subscription.cancel_at_period_end ? 'Your plan is cancelled. You keep it until its period ends.' : 'Your plan has ended. You are on the free plan now.');
    });
  }

  async resume(): Promise<boolean> {
    return this.#act(async () => this.#show(await resumeSubscription(), 'Your plan goes on. The cancellation is taken back.'));
  }

  async openPortal(): Promise<boolean> {
    return this.#act(async () => this.#leaveFor(await makePortal()));
  }

  async #act(action: () => Promise<void>): Promise<boolean> {
    this.said = '';
    this.returned = null;
    const done = await this.sending.send({}, action);
    const status = this.sending.problem?.status ?? 200;
    this.retry = done || isAnswer(status) ? undefined : () => void this.#act(action);
    // After a conflict the page is behind, and after a lost answer nobody knows. A 503 says that nothing was changed.
    if (!done && (status === 409 || !isAnswer(status)) && status !== 503) void this.subscription.load(readSubscription);
    return done;
  }

  async #subscribe(tier: Tier): ReturnType<typeof subscribe> {
    try {
      const answer = await subscribe(tier, this.#wish.keyFor(tier));
      this.#wish.settle();
      return answer;
    } catch (error) {
      if (isAnswer(problemOf(error).status)) this.#wish.settle();
      throw error;
    }
  }

  #show(subscription: Subscription, said: string): void {
    // A read that began before knows less than this answer.
    this.subscription.cancel();
    this.subscription.data = subscription;
    this.subscription.problem = null;
    this.said = said;
  }

  #leaveFor(url: string): void {
    leaveFor(url);
    this.leaving = true;
  }
}
