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

/** @type {{ name: string, as: 'guest' | 'new' | 'climber', path: string, prepare?: (page: Page) => Promise<unknown> }[]} */
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
  { name: 'dashboard', as: 'climber', path: '/dashboard', prepare: (page) => bars(page).first().waitFor() },
  { name: 'dashboard-bar', as: 'climber', path: '/dashboard', prepare: (page) => page.getByRole('option', { name: /^5\.11a/ }).click() },
  { name: 'dashboard-table', as: 'climber', path: '/dashboard?view=table', prepare: (page) => page.getByRole('table').first().waitFor() },
  { name: 'dashboard-filtered', as: 'climber', path: '/dashboard?discipline=boulder&scale=font', prepare: unfoldFilters },
  { name: 'dashboard-import', as: 'climber', path: '/dashboard', prepare: (page) => page.getByRole('button', { name: 'Import ticks' }).click() },
  { name: 'logbook', as: 'climber', path: '/logbook', prepare: (page) => page.getByRole('table').waitFor() },
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

async function askToDelete(/** @type {Page} */ page) {
  await page.getByRole('button', { name: 'Delete account' }).click();
  await page.getByRole('button', { name: 'Delete my account' }).click();
}

/** The narrow layout folds the filters away. */
async function unfoldFilters(/** @type {Page} */ page) {
  await bars(page).first().waitFor();
  const fold = page.getByRole('button', { name: /^Filters/ });
  if (await fold.isVisible()) await fold.click();
}

for (const theme of /** @type {const} */ (['light', 'dark'])) {
  for (const [width, viewport] of /** @type {const} */ ([['wide', wide], ['narrow', narrow]])) {
    for (const { name, as, path, prepare } of pages) {
      test(`${name}, ${theme}, ${width}`, async () => {
        const { context, page, complaints } = await openPage(browser, server.url, viewport, theme, sessions[as]);
        try {
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
