/** Linked profiles: read from sites on this machine, followed in the settings and on the logbook page. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import PocketBase from 'pocketbase';
import { admin, startServer } from '../server.mjs';
import { Sites, ticksFile } from '../sites.mjs';
import { axeFindings, gone, launch, narrow, openPage, overflows, picture, wide } from './browser.mjs';
import { fixture, password, signUp } from './climber.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Sooner than the page would look by itself, in milliseconds: what comes in time was told by an event. */
const soon = 5_000;

const sites = new Sites();
/** @type {string} a tick export */ let ticks;
/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {PocketBase} an administrator */ let office;
/** The next profile at Mountain Project. */
let nextProfile = 200_000_001;

before(async () => {
  ticks = await readFile(fixture('ticks.csv'), 'utf8');
  server = await startServer({ withAdmin: true, sites: await sites.open() });
  browser = await launch();
  office = new PocketBase(server.url);
  office.autoCancellation(false);
  await office.collection('_superusers').authWithPassword(admin.email, admin.password);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await sites.close();
});

/**
 * Signs up on a page of its own and checks in the end that the browser had nothing to complain about.
 * @param {string} name
 * @param {string} username
 * @param {(page: Page, username: string) => Promise<void>} body
 */
function climberTest(name, username, body) {
  test(name, async () => {
    const { context, page, complaints } = await openPage(browser, server.url);
    try {
      await signUp(page, username);
      await body(page, username);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  });
}

/** The climber on another device. @param {string} username */
async function elsewhere(username) {
  const client = new PocketBase(server.url);
  client.autoCancellation(false);
  await client.collection('users').authWithPassword(username, password);
  return client;
}

/** Links a profile on the settings page. @param {Page} page @param {'Mountain Project' | '8a.nu'} site @param {string} url */
async function link(page, site, url) {
  if (!page.url().includes('/settings')) await page.goto('/settings#links');
  await links(page).getByLabel(site, { exact: true }).fill(url);
  await links(page).getByRole('button', { name: `Link ${site}` }).click();
  await links(page).getByText(`Your ${site} profile is linked.`).waitFor();
}

/** Links profiles that are not found, and waits until they were looked for. @param {Page} page @param {string} username */
async function linkNobody(page, username) {
  await link(page, 'Mountain Project', `https://www.mountainproject.com/user/${nextProfile++}`);
  await link(page, '8a.nu', `https://www.8a.nu/user/${username.replaceAll('.', '-')}`);
  await page.waitForFunction(() => document.querySelectorAll('#links .failed').length === 2);
}

/** Where linked profiles are, in the settings as on the logbook page. */
const links = (/** @type {Page} */ page) => page.getByRole('region', { name: 'Linked profiles' });

/** Forgets all readings of a climber, as if the last were long ago. @param {string} username */
async function forgetRuns(username) {
  const runs = await office.collection('sync_runs').getFullList({ filter: office.filter('user.username = {:username}', { username }) });
  for (const { id } of runs) await office.collection('sync_runs').delete(id);
}

/**
 * Puts a reading on record that no job works on, so that the test sets its pace.
 * @param {string} username
 * @param {'mountain_project' | 'eight_a'} source
 */
async function slowRun(username, source) {
  const user = await office.collection('users').getFirstListItem(office.filter('username = {:username}', { username }));
  const { id } = await office.collection('sync_runs').create({ user: user.id, source, status: 'queued', progress: 0 });
  return (/** @type {Record<string, unknown>} */ change) => office.collection('sync_runs').update(id, change);
}

/** @param {Page} page @param {number} percent */
function barAt(page, percent) {
  return page.locator(`[role=progressbar][aria-valuenow="${percent}"]`);
}

/** A promise that the test keeps when it likes. */
function gate() {
  /** @type {() => void} */ let open = () => {};
  /** @type {Promise<void>} */ const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
}

climberTest('a linked profile is read, and once more when the climber asks', 'linked.climber', async (page, username) => {
  const id = nextProfile++;
  const site = gate();
  sites.setTicks(id, ticksFile(ticks, site.opened));
  await link(page, 'Mountain Project', `https://www.mountainproject.com/user/${id}`);
  const button = links(page).getByRole('button', { name: 'Sync now Mountain Project' });
  await page.getByRole('progressbar').waitFor();
  assert.equal(await button.getAttribute('aria-disabled'), 'true');
  site.open();
  await links(page).getByText(/^Mountain Project: Read .*: 128 new, 1 skipped\.$/).first().waitFor();
  await gone(page.getByRole('progressbar'));
  await picture(page, 'sync-done');

  await button.focus();
  await page.keyboard.press('Enter');
  await links(page).getByText(/^This profile was read a moment ago\. Try again in 1\d minutes, at \d+:\d\d/).waitFor();
  assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? '', /^Sync now/, 'the keyboard keeps its place');
  await picture(page, 'sync-too-soon');

  await forgetRuns(username);
  sites.setTicks(id, ticksFile(ticks.replace(/^2026-09-30.*\n/m, '')));
  await page.goto('/logbook');
  await page.getByText('128 ticks').waitFor();
  await links(page).getByText(/^Mountain Project: Read /).first().waitFor();
  await button.click();
  await links(page).getByText(/: 1 no longer there, 1 skipped\.$/).first().waitFor();
  await page.getByRole('row', { name: /Glass Parcel/ }).getByRole('button', { name: 'no longer in Mountain Project' }).waitFor();
});

climberTest('what the climber has edited or deleted is left alone', 'own.words', async (page, username) => {
  const id = nextProfile++;
  sites.setTicks(id, ticksFile(ticks));
  await link(page, 'Mountain Project', `https://www.mountainproject.com/user/${id}`);
  await links(page).getByText(/: 128 new, 1 skipped\.$/).first().waitFor();
  await page.goto('/logbook');
  await page.getByRole('button', { name: /^Edit Glass Parcel/ }).click();
  await page.getByLabel('How it went').selectOption('Pinkpoint');
  await page.getByRole('button', { name: 'Save tick' }).click();
  await page.getByText('Glass Parcel is changed.').waitFor();
  await page.getByRole('button', { name: /^Edit Cedar Gable/ }).click();
  await page.getByRole('button', { name: 'Delete tick…' }).click();
  await page.getByRole('button', { name: 'Delete tick', exact: true }).click();
  await page.getByText('Cedar Gable is deleted.').waitFor();
  await forgetRuns(username);
  sites.setTicks(id, ticksFile(ticks.replace('Windy Vestry', 'Windy Vestry Sit')));
  await links(page).getByRole('button', { name: 'Sync now Mountain Project' }).click();
  await page.getByRole('row', { name: /Windy Vestry Sit/ }).waitFor();
  await page.getByRole('row', { name: /Glass Parcel .*Pinkpoint/ }).waitFor();
  await page.getByText('127 ticks').waitFor();
});

climberTest('a profile that is being read already is followed', 'two.devices', async (page, username) => {
  const id = nextProfile++;
  sites.setTicks(id, ticksFile(ticks));
  await link(page, 'Mountain Project', `https://www.mountainproject.com/user/${id}`);
  await links(page).getByText(/: 128 new, 1 skipped\.$/).first().waitFor();
  await forgetRuns(username);
  await page.route('**/api/realtime', (route) => route.abort());
  await page.reload();
  await links(page).getByRole('button', { name: 'Sync now Mountain Project' }).waitFor();
  const site = gate();
  sites.setTicks(id, ticksFile(ticks, site.opened));
  await (await elsewhere(username)).send('/v1/users/me/sync', { method: 'POST', body: { source: 'mountain_project' } });
  const refused = page.waitForResponse((answer) => answer.url().endsWith('/v1/users/me/sync') && answer.status() === 409);
  await links(page).getByRole('button', { name: 'Sync now Mountain Project' }).click();
  await refused;
  await page.getByRole('progressbar').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  site.open();
  await links(page).getByText(/: nothing new\.$|: 1 skipped\.$/).first().waitFor({ timeout: 15_000 });
});

climberTest('a profile that cannot be read leads to the upload', 'upload.instead', async (page, username) => {
  await linkNobody(page, username);
  await links(page).getByText(/Mountain Project has no profile at this address/).first().waitFor();
  assert.equal(await links(page).getByRole('link', { name: 'Go to the upload' }).count(), 2);
  assert.deepEqual(await axeFindings(page), []);
  await picture(page, 'sync-failed');
  await links(page).getByRole('link', { name: 'Go to the upload' }).first().click();
  await page.waitForURL('**/logbook#import');
  await page.getByRole('region', { name: 'Import ticks' }).getByLabel('Exported from').waitFor();
});

climberTest('a profile that was unlinked in another tab is said at the button', 'other.device', async (page, username) => {
  await linkNobody(page, username);
  await (await elsewhere(username)).send('/v1/users/me', { method: 'PATCH', body: { eight_a_nu_url: '' } });
  await links(page).getByRole('button', { name: 'Sync now 8a.nu' }).click();
  await page.getByRole('alert').getByText('Link your profile first.').waitFor();
});

climberTest('events move the bar on the logbook page', 'watching.sync', async (page, username) => {
  await linkNobody(page, username);
  await page.goto('/logbook');
  await links(page).getByRole('button', { name: 'Sync now Mountain Project' }).waitFor();
  const set = await slowRun(username, 'mountain_project');
  await links(page).getByText('Waiting to be read…').waitFor({ timeout: soon });
  for (const progress of [10, 60]) {
    await set({ status: 'running', progress });
    await barAt(page, progress).waitFor({ timeout: soon });
  }
  await picture(page, 'sync-running');
  await (await elsewhere(username)).collection('ticks').create({ date: '2026-05-09', route_name: 'Read From The Site' });
  await set({ status: 'done', progress: 100, counts: { created: 1 }, finished_at: '2026-11-25 10:00:00.000Z' });
  await page.getByRole('row', { name: /Read From The Site/ }).waitFor({ timeout: soon });
});

climberTest('a failure says when it went well before, and when it is tried again', 'private.climber', async (page, username) => {
  await linkNobody(page, username);
  await page.goto('/logbook');
  await links(page).getByRole('button', { name: 'Sync now 8a.nu' }).waitFor();
  const well = await slowRun(username, 'eight_a');
  await well({ status: 'done', progress: 100, counts: { created: 0 }, finished_at: '2026-11-24 10:00:00.000Z' });
  await links(page).getByText(/Read Nov 24, 2026, .*: nothing new\.$/).first().waitFor({ timeout: soon });
  const badly = await slowRun(username, 'eight_a');
  await badly({ status: 'failed', error: 'Your profile is private: make it public or upload the export.', reason: 'private', finished_at: '2026-11-25 10:00:00.000Z', retry_at: '2026-11-26 10:00:00.000Z' });
  await links(page).getByText(/: Your profile is private: make it public or upload the export\.$/).first().waitFor({ timeout: soon });
  await links(page).getByText(/Last read Nov 24, 2026, .*\. Next try: Nov 26, 2026, .*\./).waitFor();
  await links(page).getByRole('button', { name: 'Go to the upload' }).last().click();
  await page.getByRole('region', { name: 'Import ticks' }).and(page.locator(':focus')).waitFor();
  const full = await slowRun(username, 'mountain_project');
  await full({ status: 'failed', error: 'Your plan holds 10,000 ticks.', reason: 'plan_limit', finished_at: '2026-11-25 10:00:00.000Z' });
  await links(page).getByRole('link', { name: 'See the plans' }).waitFor({ timeout: soon });
});

test('it passes axe in both themes, wide and narrow', async () => {
  const opened = await openPage(browser, server.url);
  await signUp(opened.page, 'axe.sync');
  await linkNobody(opened.page, 'axe.sync');
  const set = await slowRun('axe.sync', 'mountain_project');
  await set({ status: 'running', progress: 45 });
  const session = await opened.context.storageState();
  await opened.context.close();
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    for (const [width, viewport] of /** @type {const} */ ([['wide', wide], ['narrow', narrow]])) {
      const { context, page, complaints } = await openPage(browser, server.url, viewport, theme, session);
      for (const path of ['/logbook', '/settings#links']) {
        await page.goto(path);
        await barAt(page, 45).waitFor();
        assert.deepEqual(await axeFindings(page), []);
        assert.equal(await overflows(page), false, 'scrolls sideways');
        await picture(page, `sync-${path.slice(1, 9)}-${theme}-${width}`);
      }
      assert.deepEqual(complaints, []);
      await context.close();
    }
  }
});

// The last one: a site that refuses us is left alone for a while, whoever asks.
climberTest('8a.nu refuses servers, and the climber is told what to do', 'refused.climber', async (page) => {
  sites.setAscents('refused-climber', { status: 403, body: 'Forbidden' });
  await link(page, '8a.nu', 'https://www.8a.nu/user/refused-climber');
  await links(page).getByText(/8a\.nu does not let servers like ours read profiles: export your ascents there/).first().waitFor();
  await links(page).getByText(/^Not read before\. Next try: /).waitFor();
  await links(page).getByRole('link', { name: 'Go to the upload' }).waitFor();
  await picture(page, 'sync-refused');
});
