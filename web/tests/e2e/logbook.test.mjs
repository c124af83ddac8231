/** Ticks by hand on the logbook page: added, changed, deleted, by mouse and by keyboard alone, wide and on a phone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PocketBase from 'pocketbase';
import { startServer } from '../server.mjs';
import { axeFindings, gone, launch, narrow, openPage, overflows, picture, wide } from './browser.mjs';
import { password, signUp, upload } from './climber.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;

before(async () => {
  server = await startServer();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/**
 * Signs up on a page of its own and checks in the end that the browser had nothing to complain about.
 * @param {string} name
 * @param {string} username
 * @param {(page: Page, username: string) => Promise<void>} body
 * @param {{ viewport?: import('./browser.mjs').Size, theme?: 'light' | 'dark' }} [look]
 */
function climberTest(name, username, body, { viewport = wide, theme = 'light' } = {}) {
  test(name, async () => {
    const { context, page, complaints } = await openPage(browser, server.url, viewport, theme);
    try {
      await signUp(page, username);
      await page.goto('/logbook');
      await body(page, username);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  });
}

const dialog = (/** @type {Page} */ page) => page.getByRole('dialog');

/** @param {Page} page @param {string} name */
const press = (page, name) => dialog(page).getByRole('button', { name, exact: true }).click();

/** @param {Page} page @param {string} label */
const field = (page, label) => dialog(page).getByLabel(label, { exact: true });

/** What is wrong with a field, as it is tied to it. @param {Page} page @param {string} label */
async function mistakeOf(page, label) {
  const input = field(page, label).and(page.locator('[aria-invalid=true]'));
  await input.waitFor();
  return page.locator(`[id="${await input.getAttribute('aria-describedby')}"]`).innerText();
}

/** The ticks of a climber as the server has them. @param {string} username */
async function storedTicks(username) {
  const client = new PocketBase(server.url);
  await client.collection('users').authWithPassword(username, password);
  return client.collection('ticks').getFullList({ sort: '-date,-day_order' });
}

/** Checks a page and everything on it. @param {Page} page @param {string} name */
async function inspect(page, name) {
  assert.deepEqual(await axeFindings(page), []);
  assert.equal(await overflows(page), false, 'scrolls sideways');
  await picture(page, name);
}

climberTest('a tick is added with what a climber knows of it', 'adding.climber', async (page, username) => {
  await page.getByText('Your logbook is empty.').waitFor();
  await page.getByRole('button', { name: 'Add a tick' }).click();
  await field(page, 'Route').fill('Ninth Bolt');
  await field(page, 'Day').fill('2026-05-09');
  await field(page, 'Grade').fill('5.11a');
  await field(page, 'How it went').selectOption('Onsight');
  await field(page, 'Where').fill('Colorado>Boulder Canyon > Sport Park');
  await dialog(page).getByText('More: length').click();
  await field(page, 'Length').fill('30');
  await field(page, 'Unit of the length').selectOption('m');
  await field(page, 'Length').fill('30');
  await field(page, 'Attempts').fill('1');
  await field(page, 'Your stars').selectOption('3 of 4');
  await field(page, 'Link').fill('https://example.com/ninth-bolt');
  await field(page, 'Notes').fill('Windy, and <b>wet</b> at the top.');
  await inspect(page, 'logbook-add');
  await press(page, 'Add tick');
  await page.getByText('Ninth Bolt is in your logbook.').waitFor();
  await page.getByRole('row', { name: /May 9, 2026 By hand 5\.11a Ninth Bolt Sport Park, Boulder Canyon Onsight Sport.*<b>wet<\/b>/ }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Add a tick', 'the focus comes back');
  const [tick] = await storedTicks(username);
  assert.deepEqual(
    [tick?.['source'], tick?.['result'], tick?.['length_ft'], tick?.['location'], tick?.['attempts'], tick?.['your_stars'], tick?.['pitches']],
    ['manual', 'onsight', 98, 'Colorado > Boulder Canyon > Sport Park', 1, 3, 1],
  );
});

climberTest('what is wrong is said at its field', 'wrong.ticks', async (page) => {
  await page.getByRole('button', { name: 'Add a tick' }).click();
  await field(page, 'Day').fill('');
  await press(page, 'Add tick');
  assert.match(await mistakeOf(page, 'Route'), /Enter the name/);
  assert.match(await mistakeOf(page, 'Day'), /Enter the day/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'tick-route_name', 'the first mistake has the focus');
  await field(page, 'Route').fill('Ninth Bolt');
  await field(page, 'Day').fill('2099-01-01');
  await field(page, 'Grade').fill('V4');
  await press(page, 'Add tick');
  assert.match(await mistakeOf(page, 'Day'), /tomorrow/);
  await field(page, 'Day').fill('2026-05-09');
  await dialog(page).getByText('More: length').click();
  await field(page, 'Attempts').fill('some');
  await dialog(page).getByText('More: length').click();
  await press(page, 'Add tick');
  assert.match(await mistakeOf(page, 'Attempts'), /whole number/, 'what is folded away unfolds');
  await field(page, 'Attempts').fill('');
  await field(page, 'Link').fill('javascript:alert(1)');
  await press(page, 'Add tick');
  assert.match(await mistakeOf(page, 'Grade'), /not a grade of sport/);
  assert.match(await mistakeOf(page, 'Link'), /address of a page/);
  await inspect(page, 'logbook-mistakes');
  await field(page, 'Link').fill('');
  await field(page, 'Discipline').selectOption('Boulder');
  await field(page, 'Boulder').waitFor();
  await press(page, 'Add tick');
  await page.getByRole('row', { name: /V4 Ninth Bolt/ }).waitFor();
});

climberTest('each discipline has its own words for how it went', 'word.climber', async (page) => {
  await page.getByRole('button', { name: 'Add a tick' }).click();
  const style = field(page, 'How it went');
  const words = () => style.getByRole('option').allInnerTexts();
  assert.ok((await words()).includes('Pinkpoint'));
  await style.selectOption('Fell or hung');
  await field(page, 'Discipline').selectOption('Boulder');
  assert.deepEqual(await words(), ['Flash', 'Send', 'Attempt', 'Not noted']);
  assert.equal(await style.evaluate((select) => /** @type {HTMLSelectElement} */ (select).selectedOptions[0]?.text), 'Attempt', 'the answer stays');
  await field(page, 'Discipline').selectOption('Top rope');
  assert.deepEqual(await words(), ['Top rope', 'Follow', 'Not noted']);
});

climberTest('a day of climbing is logged in a row, by keyboard alone', 'keyboard.climber', async (page, username) => {
  await page.getByRole('button', { name: 'Add a tick' }).focus();
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
  for (const [name, grade] of [['First Pour', '6a'], ['Second Pour', '6b'], ['Third Pour', '6c']]) {
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'tick-route_name');
    await page.keyboard.type(name ?? '');
    await tabTo(page, 'tick-grade');
    await page.keyboard.type(grade ?? '');
    await tabTo(page, 'tick-style');
    await page.keyboard.type('Redpoint');
    if (name === 'First Pour') {
      await tabTo(page, 'tick-location');
      await page.keyboard.type('France > Tea Wall');
    }
    if (name === 'Third Pour') break;
    await dialog(page).getByRole('button', { name: 'Save and add another' }).focus();
    await page.keyboard.press('Enter');
    await dialog(page).getByText(`${name} is in your logbook. Now the next one.`).waitFor();
  }
  await field(page, 'Grade').focus();
  await page.keyboard.press('Enter');
  await page.getByText('3 ticks').waitFor();
  const stored = await storedTicks(username);
  assert.deepEqual(stored.map((tick) => [tick['route_name'], tick['grade'], tick['result'], tick['location'], tick['day_order']]), [
    ['Third Pour', '6c', 'redpoint', 'France > Tea Wall', 3],
    ['Second Pour', '6b', 'redpoint', 'France > Tea Wall', 2],
    ['First Pour', '6a', 'redpoint', 'France > Tea Wall', 1],
  ]);
  await page.getByRole('button', { name: /^Edit Second Pour/ }).focus();
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? '', /^Edit\s*Second Pour/);
});

/** Presses Tab until an element has the focus. @param {Page} page @param {string} id */
async function tabTo(page, id) {
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
  }
  assert.fail(`Tab does not lead to ${id}`);
}

climberTest('an imported tick that is edited keeps what was made of it', 'editing.climber', async (page, username) => {
  await page.getByRole('button', { name: 'Import ticks' }).click();
  await upload(page, 'ticks.csv');
  await page.getByText('128 new ticks in your logbook').waitFor();
  const [before] = await storedTicks(username);
  await page.getByRole('button', { name: /^Edit Glass Parcel, Sep 30, 2026/ }).click();
  await dialog(page).getByText('This tick came from Mountain Project.').waitFor();
  assert.deepEqual([await field(page, 'Grade').inputValue(), await field(page, 'Length').inputValue(), await field(page, 'Your stars').inputValue()], ['5.10c', '80', '3']);
  await inspect(page, 'logbook-edit');
  await press(page, 'Save tick');
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal((await storedTicks(username))[0]?.['edited'], false, 'nothing was changed, so it is not edited');
  await page.getByRole('button', { name: /^Edit Glass Parcel, Sep 30, 2026/ }).click();
  await field(page, 'How it went').selectOption('Redpoint');
  await field(page, 'Grade').fill('5.10d');
  await press(page, 'Save tick');
  await page.getByText('Glass Parcel is changed.').waitFor();
  const row = page.getByRole('row', { name: /5\.10d Glass Parcel .*Redpoint/ });
  await row.getByRole('button', { name: 'edited by you' }).click();
  await row.getByText('Imports and syncs from Mountain Project leave it as you made it.').waitFor();
  const [after] = await storedTicks(username);
  assert.deepEqual([after?.['edited'], after?.['result'], after?.['grade']], [true, 'redpoint', '5.10d']);
  for (const kept of ['id', 'source', 'date', 'location', 'length_ft', 'notes', 'route_url', 'your_stars', 'disciplines']) assert.deepEqual(after?.[kept], before?.[kept], kept);
  await page.getByRole('button', { name: 'Import ticks' }).click();
  await upload(page, 'ticks.csv');
  await page.getByRole('region', { name: /^Nothing new/ }).waitFor();
  await row.waitFor();
  await page.getByRole('button', { name: /^Edit Glass Parcel, Sep 30, 2026/ }).click();
  await press(page, 'Give it back to Mountain Project');
  await page.getByText('The next import or sync from Mountain Project writes over your changes of Glass Parcel.').waitFor();
  await page.getByRole('button', { name: 'Import ticks' }).click();
  await upload(page, 'ticks.csv');
  await page.getByRole('region', { name: '1 tick updated' }).waitFor();
  await page.getByRole('row', { name: /5\.10c Glass Parcel .*Onsight/ }).waitFor();
});

climberTest('deleting asks first, and says what it means', 'deleting.climber', async (page) => {
  await page.getByRole('button', { name: 'Import ticks' }).click();
  await upload(page, 'ticks.csv');
  await page.getByText('128 new ticks in your logbook').waitFor();
  const edit = page.getByRole('button', { name: /^Edit Glass Parcel/ });
  await edit.click();
  await press(page, 'Delete tick…');
  await page.getByRole('dialog', { name: 'Delete this tick?' }).getByText('No sync from Mountain Project brings it back, only a file that has it.').waitFor();
  await inspect(page, 'logbook-delete');
  await press(page, 'Keep it');
  await dialog(page).waitFor({ state: 'detached' });
  assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? '', /^Edit\s*Glass Parcel/);
  await edit.click();
  await press(page, 'Delete tick…');
  await press(page, 'Delete tick');
  await page.getByText('Glass Parcel is deleted.').waitFor();
  await page.getByText('127 ticks').waitFor();
  await gone(edit);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', 'the row is gone, the page has the focus');
});

climberTest('a tick that somebody else deleted meanwhile', 'two.tabs', async (page, username) => {
  await page.getByRole('button', { name: 'Add a tick' }).click();
  await field(page, 'Route').fill('Ninth Bolt');
  await press(page, 'Add tick');
  const [tick] = await storedTicks(username);
  const elsewhere = new PocketBase(server.url);
  await elsewhere.collection('users').authWithPassword(username, password);
  await page.getByRole('button', { name: /^Edit Ninth Bolt/ }).click();
  await elsewhere.collection('ticks').delete(tick?.id ?? '');
  await field(page, 'Grade').fill('5.9');
  await press(page, 'Save tick');
  await dialog(page).getByRole('alert').waitFor();
  await press(page, 'Delete tick…');
  await press(page, 'Delete tick');
  await page.getByText('Your logbook is empty.').waitFor();
});

for (const theme of /** @type {const} */ (['light', 'dark'])) {
  climberTest(`a phone has room for all of it, ${theme}`, `phone.${theme}`, async (page) => {
    await inspect(page, `logbook-empty-phone-${theme}`);
    await page.getByRole('button', { name: 'Add a tick' }).click();
    await field(page, 'Route').fill('A Name That Is Longer Than Any Phone Is Wide, Left Variation');
    await field(page, 'Where').fill('France > Provence > The Long Wall Above The Lavender Field');
    await dialog(page).getByText('More: length').click();
    await field(page, 'Notes').fill('Hot.');
    await inspect(page, `logbook-add-phone-${theme}`);
    await press(page, 'Add tick');
    await page.getByRole('button', { name: /^Edit A Name/ }).click();
    await inspect(page, `logbook-edit-phone-${theme}`);
    await press(page, 'Delete tick…');
    await inspect(page, `logbook-delete-phone-${theme}`);
    await press(page, 'Keep it');
    await inspect(page, `logbook-phone-${theme}`);
  }, { viewport: narrow, theme });
}
