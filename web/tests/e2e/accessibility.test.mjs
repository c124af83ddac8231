/** Every page, in both themes, wide and narrow: no finding by axe, nothing wider than the screen, no complaint. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../server.mjs';
import { axeFindings, launch, narrow, openPage, overflows, picture, wide } from './browser.mjs';
import { bars, signUp, signUpWithTicks } from './climber.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Record<'guest' | 'new' | 'climber', import('playwright-core').BrowserContextOptions['storageState']>} */ let sessions;

before(async () => {
  server = await startServer();
  browser = await launch();
  sessions = {
    guest: { cookies: [], origins: [] },
    new: await sessionOf((page) => signUp(page, 'new.climber')),
    climber: await sessionOf((page) => signUpWithTicks(page, 'old.climber')),
  };
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** @param {(page: Page) => Promise<void>} enter */
async function sessionOf(enter) {
  const { context, page } = await openPage(browser, server.url);
  await enter(page);
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Shaped like a token of the server, which the page reads the new address from. */
const newAddressToken = ['{}', '{"newEmail":"new.climber.with.a.long.name@mail.mountains.example.com"}'].map((part) => Buffer.from(part).toString('base64url')).join('.') + '.x';

const paid = {
  tier: 'basic', payment_status: 'active', stripe_subscription_id: 'sub_1', stripe_status: 'active', renewal_date: '2026-12-25T10:00:00.000Z', next_billing_date: '2026-12-25T10:00:00.000Z',
  next_billing_amount: 999, currency: 'usd', cancel_at_period_end: false, pending_change: null, grace_until: null, source: 'stripe', stale: false, fetched_at: '2026-11-25T10:00:00.000Z',
};
const invoice = { id: 'in_1', number: '8KD2-0001', date: '2026-11-25T10:00:00.000Z', amount: 999, currency: 'usd', status: 'paid', hosted_url: 'https://pay.example.com/1', pdf_url: 'https://pay.example.com/1.pdf' };

/** A page whose plan and invoices are made up. @param {object} subscription */
const billing = (subscription, open = false) => ({
  '**/v1/users/me/subscription': { ...paid, ...subscription },
  '**/v1/users/me/invoices?*': { items: [{ ...invoice, ...(open && { status: 'open', amount: 2999 }) }, { ...invoice, id: 'in_0', number: null, date: '2026-10-25T10:00:00.000Z' }], has_more: true, next: 'in_0' },
  '**/v1/users/me/subscription/preview?*': {
    tier: 'premium', action: 'change', amount_due: 1842, credit: 0, currency: 'usd', proration_date: '2026-11-26T10:00:00.000Z', next_billing_amount: 2999, next_billing_date: '2026-12-25T10:00:00.000Z',
    lines: [{ description: 'Unused time on Basic after 26 Nov 2026', amount: -957 }, { description: 'Remaining time on Premium after 26 Nov 2026', amount: 2799 }],
  },
});

/** A tick that was edited here and that its source has dropped. */
const markedTicks = {
  page: 1, perPage: 50, totalItems: 1, totalPages: 1,
  items: [{
    id: 'tick1', source: 'mountain_project', date: '2026-05-01', date_precision: 'month', day_order: 1, route_name: 'Glass Parcel', route_url: '', grade: '5.10c', your_grade: '', disciplines: ['sport'], style: 'lead', lead_style: 'onsight',
    result: 'onsight', attempts: 0, pitches: 1, length_ft: 80, location: 'Northmark > Cold Fork > Lantern Quarry', your_stars: 3, notes: 'Windy.', edited: true, gone_at: '2026-11-20 10:00:00.000Z',
  }],
};

/** @type {{ name: string, as: 'guest' | 'new' | 'climber', path: string, answers?: Record<string, object>, prepare?: (page: Page) => Promise<unknown> }[]} */
const pages = [
  { name: 'landing', as: 'guest', path: '/' },
  { name: 'login', as: 'guest', path: '/login' },
  { name: 'signup', as: 'guest', path: '/signup' },
  { name: 'signup-mistakes', as: 'guest', path: '/signup', prepare: (page) => page.getByRole('button', { name: 'Create account' }).click() },
  { name: 'missing', as: 'guest', path: '/nowhere' },
  { name: 'verify-incomplete', as: 'guest', path: '/verify' },
  { name: 'verify-old', as: 'new', path: '/verify?token=old', prepare: (page) => page.getByRole('button', { name: 'Send a new link' }).waitFor() },
  { name: 'verify-sent', as: 'new', path: '/verify?token=old', prepare: (page) => page.getByRole('button', { name: 'Send a new link' }).click() },
  { name: 'forgot-password', as: 'guest', path: '/forgot-password' },
  { name: 'forgot-password-sent', as: 'guest', path: '/forgot-password', prepare: askForReset },
  { name: 'reset-password', as: 'guest', path: '/reset-password?token=x' },
  { name: 'reset-password-mistakes', as: 'guest', path: '/reset-password?token=x', prepare: (page) => page.getByRole('button', { name: 'Set password' }).click() },
  { name: 'reset-password-incomplete', as: 'guest', path: '/reset-password' },
  { name: 'confirm-email', as: 'guest', path: `/confirm-email?token=${newAddressToken}` },
  { name: 'confirm-email-incomplete', as: 'new', path: '/confirm-email' },
  { name: 'dashboard-empty', as: 'new', path: '/dashboard' },
  { name: 'logbook-empty', as: 'new', path: '/logbook' },
  { name: 'signup-meter', as: 'guest', path: '/signup', prepare: judgePassword },
  { name: 'settings', as: 'new', path: '/settings', prepare: (page) => page.getByText('This device').waitFor() },
  { name: 'settings-mistakes', as: 'new', path: '/settings', prepare: makeMistakes },
  { name: 'settings-deactivate', as: 'new', path: '/settings', prepare: (page) => page.getByRole('button', { name: 'Deactivate account' }).click() },
  { name: 'settings-delete', as: 'new', path: '/settings', prepare: askToDelete },
  { name: 'activity', as: 'new', path: '/activity', prepare: (page) => page.getByRole('table').waitFor() },
  { name: 'activity-beyond', as: 'new', path: '/activity?page=99', prepare: (page) => page.getByText('There is no page 99.').waitFor() },
  { name: 'billing-not-set-up', as: 'new', path: '/billing', prepare: (page) => page.getByText('Payments are not set up').waitFor() },
  { name: 'billing-free', as: 'new', path: '/billing', answers: { ...billing({ tier: 'free', payment_status: 'inactive', stripe_subscription_id: null, stripe_status: null }), '**/v1/users/me/invoices?*': { items: [], has_more: false, next: null } } },
  { name: 'billing-paid', as: 'new', path: '/billing', answers: billing({}) },
  { name: 'billing-change', as: 'new', path: '/billing', answers: billing({}), prepare: (page) => page.getByRole('button', { name: 'Change to Premium' }).click() },
  { name: 'billing-cancel', as: 'new', path: '/billing', answers: billing({}), prepare: (page) => page.getByRole('button', { name: 'Cancel plan' }).click() },
  { name: 'billing-ending', as: 'new', path: '/billing', answers: billing({ cancel_at_period_end: true, next_billing_date: null, next_billing_amount: null }) },
  { name: 'billing-overdue', as: 'new', path: '/billing', answers: billing({ payment_status: 'past_due', stripe_status: 'past_due', grace_until: '2026-12-02T10:00:00.000Z' }, true) },
  { name: 'billing-lapsed', as: 'new', path: '/billing', answers: billing({ tier: 'free', payment_status: 'failed', stripe_status: 'unpaid' }, true) },
  { name: 'billing-pending', as: 'new', path: '/billing', answers: billing({ tier: 'free', payment_status: 'pending', stripe_subscription_id: null, stripe_status: 'incomplete' }, true) },
  { name: 'billing-stale', as: 'new', path: '/billing', answers: billing({ stale: true, source: 'local' }) },
  { name: 'dashboard', as: 'climber', path: '/dashboard', prepare: (page) => bars(page).first().waitFor() },
  { name: 'dashboard-bar', as: 'climber', path: '/dashboard', prepare: (page) => page.getByRole('option', { name: /^5\.11a/ }).click() },
  { name: 'dashboard-table', as: 'climber', path: '/dashboard?view=table', prepare: (page) => page.getByRole('table').first().waitFor() },
  { name: 'dashboard-filtered', as: 'climber', path: '/dashboard?discipline=boulder&scale=font', prepare: unfoldFilters },
  { name: 'dashboard-import', as: 'climber', path: '/dashboard', prepare: (page) => page.getByRole('button', { name: 'Import ticks' }).click() },
  { name: 'dashboard-goal', as: 'climber', path: '/dashboard?goal=normal', prepare: (page) => page.getByText('Still to send').waitFor() },
  { name: 'analytics-empty', as: 'new', path: '/analytics', prepare: (page) => page.getByRole('link', { name: 'Go to the dashboard' }).waitFor() },
  { name: 'analytics-filtered', as: 'climber', path: '/analytics?discipline=boulder&scale=font&from=2025-01-01&to=2025-12-31&compare=previous', prepare: openResults },
  { name: 'analytics-none', as: 'climber', path: '/analytics?from=1999-01-01&to=1999-12-31', prepare: (page) => page.getByText('No tick counts here').waitFor() },
  ...['progression', 'volume', 'calendar', 'styles', 'locations', 'projects', 'attempts', 'breakthroughs', 'tiers', 'lengths'].map((chart) => (
    { name: `analytics-${chart}`, as: /** @type {const} */ ('climber'), path: `/analytics?chart=${chart}&measure=vertical`, prepare: lookAtMark }
  )),
  ...['progression', 'volume', 'locations', 'lengths'].map((chart) => (
    { name: `analytics-${chart}-table`, as: /** @type {const} */ ('climber'), path: `/analytics?chart=${chart}&view=table`, prepare: (/** @type {Page} */ page) => page.getByRole('table').first().waitFor() }
  )),
  { name: 'logbook', as: 'climber', path: '/logbook', prepare: (page) => page.getByRole('table').waitFor() },
  { name: 'logbook-import', as: 'climber', path: '/logbook#import', prepare: (page) => page.getByText('Or paste your ascents from 8a.nu').click() },
  { name: 'logbook-badges', as: 'climber', path: '/logbook', answers: { '**/api/collections/ticks/records?*': markedTicks }, prepare: (page) => page.getByRole('button', { name: 'no longer in Mountain Project' }).click() },
  { name: 'logbook-add', as: 'climber', path: '/logbook', prepare: addNothing },
  { name: 'logbook-nothing-found', as: 'climber', path: '/logbook?q=zzz' },
];

async function askForReset(/** @type {Page} */ page) {
  await page.getByLabel('E-mail').fill('nobody@example.com');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
}

async function judgePassword(/** @type {Page} */ page) {
  await page.getByLabel('Password', { exact: true }).fill('password1234');
  await page.getByText('easy to guess.').first().waitFor();
}

async function makeMistakes(/** @type {Page} */ page) {
  for (const button of ['Link Mountain Project', 'Change password', 'Save profile']) {
    if (button === 'Save profile') await page.getByLabel('E-mail', { exact: true }).fill('moved@example.com');
    await page.getByRole('button', { name: button }).click();
  }
}

async function addNothing(/** @type {Page} */ page) {
  await page.getByRole('button', { name: 'Add a tick' }).click();
  await page.getByText('More: length').click();
  await page.getByRole('button', { name: 'Add tick', exact: true }).click();
}

async function askToDelete(/** @type {Page} */ page) {
  await page.getByRole('button', { name: 'Delete account' }).click();
  await page.getByRole('button', { name: 'Delete my account' }).click();
}

/** A chart with a mark that is looked at, where it has marks. */
async function lookAtMark(/** @type {Page} */ page) {
  await page.getByText('How this is counted').waitFor();
  const mark = page.getByRole('listbox').first().getByRole('option').first();
  if ((await mark.count()) === 0) return;
  await mark.hover();
  await page.locator('.tip').waitFor();
}

async function openResults(/** @type {Page} */ page) {
  await page.getByText('How this is counted').waitFor();
  const fold = page.getByRole('button', { name: /^Filters/ });
  if (await fold.isVisible()) await fold.click();
  await page.getByText('Every style').click();
}

/** The narrow layout folds the filters away. */
async function unfoldFilters(/** @type {Page} */ page) {
  await bars(page).first().waitFor();
  const fold = page.getByRole('button', { name: /^Filters/ });
  if (await fold.isVisible()) await fold.click();
}

for (const theme of /** @type {const} */ (['light', 'dark'])) {
  for (const [width, viewport] of /** @type {const} */ ([['wide', wide], ['narrow', narrow]])) {
    for (const { name, as, path, answers = {}, prepare } of pages) {
      test(`${name}, ${theme}, ${width}`, async () => {
        const { context, page, complaints } = await openPage(browser, server.url, viewport, theme, sessions[as]);
        try {
          for (const [url, json] of Object.entries(answers)) await page.route(url, (route) => route.fulfill({ json }));
          await page.goto(path);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.waitForLoadState('networkidle');
          await prepare?.(page);
          assert.deepEqual(await axeFindings(page), []);
          assert.equal(await overflows(page), false, 'scrolls sideways');
          assert.deepEqual(complaints, []);
          await picture(page, `${name}-${theme}-${width}`);
        } finally {
          await context.close();
        }
      });
    }
  }
}
