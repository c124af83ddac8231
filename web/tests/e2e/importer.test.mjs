/** The exports of every logbook through the importer of the logbook page, and out again as ticks.csv. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from '../server.mjs';
import { axeFindings, launch, openPage, picture } from './browser.mjs';
import { signUp } from './climber.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** What each of the parsers' own examples is recognised as, and how many of its rows become ticks. */
const examples = /** @type {const} */ ([
  ['mountain_project.2018.csv', 'Mountain Project'],
  ['mountain_project.modern.csv', 'Mountain Project'],
  ['eight_a.official.csv', '8a.nu'],
  ['eight_a.older.csv', '8a.nu'],
  ['thecrag.csv', 'theCrag'],
  ['ukc.csv', 'UKClimbing'],
  ['sendage.export.csv', 'Sendage'],
  ['27crags.export.json', '27crags'],
  ['cragbase.csv', 'Cragbase'],
]);

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
 * @param {(page: Page) => Promise<void>} body
 */
function climberTest(name, username, body) {
  test(name, async () => {
    const { context, page, complaints } = await openPage(browser, server.url);
    try {
      await signUp(page, username);
      await page.goto('/logbook#import');
      await body(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  });
}

/** The path of an example. @param {string} name */
function example(name) {
  return fileURLToPath(new URL(`../../../internal/logbook/sourcetest/testdata/${name}`, import.meta.url));
}

/** Opens the importer unless it is open, and sends an example. @param {Page} page @param {string} name */
async function send(page, name) {
  const opener = page.getByRole('button', { name: 'Import ticks', expanded: false });
  await page.getByRole('button', { name: 'Import ticks' }).first().waitFor();
  if (await opener.isVisible()) await opener.click();
  await page.locator('input[type=file]').setInputFiles(example(name));
  await page.locator('form').getByRole('button', { name: 'Import ticks' }).click();
}

/** The figures of the report, by their names. @param {Page} page @returns {Promise<Record<string, number>>} */
async function figures(page) {
  const texts = await page.locator('dl > div').filter({ has: page.locator('dt') }).allInnerTexts();
  return Object.fromEntries(texts.map((text) => text.split('\n').map((part) => part.trim()).filter(Boolean)).map(([name, value]) => [name, Number(value)]));
}

/** Waits for the report of one source. @param {Page} page @param {string} source */
async function reported(page, source) {
  const report = page.getByRole('region', { name: /in your logbook$|^Nothing new| updated$/ });
  await report.getByText(`Recognised as an export of ${source}.`).waitFor();
  return report;
}

for (const [file, source] of examples) {
  climberTest(`${file} is recognised as ${source}`, file.replaceAll(/[^a-z0-9]/g, '.'), async (page) => {
    await send(page, file);
    const report = await reported(page, source);
    const counts = await figures(page);
    assert.equal(counts['Rows in the file'], (counts['New'] ?? 0) + (counts['Unchanged'] ?? 0) + (counts['Updated'] ?? 0) + (counts['Skipped'] ?? 0));
    assert.ok((counts['New'] ?? 0) > 0);
    const skipped = report.getByRole('region', { name: 'Skipped rows' });
    assert.equal(await skipped.count(), counts['Skipped'] ? 1 : 0, 'skipped rows have their reasons');
    await picture(page, `importer-${file}`);
    await report.getByRole('button', { name: 'Close report' }).click();
    await page.getByRole('row').nth(1).getByText(source === 'Cragbase' ? /Mountain Project|8a\.nu|theCrag|By hand/ : source).first().waitFor();
    await send(page, file);
    await page.getByRole('region', { name: 'Nothing new: your logbook already holds this file' }).waitFor();
    assert.equal((await figures(page))['New'], 0);
  });
}

climberTest('pasted pages of 8a.nu are a file like any other', 'pasting.climber', async (page) => {
  await page.getByText('Or paste your ascents from 8a.nu').click();
  await page.getByLabel('Ascents as JSON').fill(await readFile(example('eight_a.pages.json'), 'utf8'));
  assert.deepEqual(await axeFindings(page), []);
  await picture(page, 'importer-paste');
  await page.locator('form').getByRole('button', { name: 'Import ticks' }).click();
  await reported(page, '8a.nu');
  await page.getByRole('button', { name: 'Import ticks' }).click();
  await page.getByText('Or paste your ascents from 8a.nu').click();
  await page.getByLabel('Ascents as JSON').fill('{"ascents": [');
  await page.locator('form').getByRole('button', { name: 'Import ticks' }).click();
  await page.getByRole('alert').getByText('This is not the export that was expected.').waitFor();
});

climberTest('a file of another logbook than was chosen is refused, and says which it is of', 'mixed.up', async (page) => {
  await page.getByLabel('Exported from').selectOption({ label: 'theCrag' });
  const help = page.locator('details', { hasText: 'Where do I find this file?' });
  assert.deepEqual(await help.getByRole('term').allInnerTexts(), ['theCrag']);
  await send(page, 'ukc.csv');
  await page.getByRole('alert').getByText(/looks like a logbook of UKClimbing/).waitFor();
  await picture(page, 'importer-wrong-source');
  await page.getByLabel('Exported from').selectOption({ label: 'UKClimbing' });
  await page.locator('form').getByRole('button', { name: 'Import ticks' }).click();
  await reported(page, 'UKClimbing');
});

climberTest('what a newer file no longer has stays, and is marked', 'dropped.ticks', async (page) => {
  await send(page, 'mountain_project.2018.csv');
  await reported(page, 'Mountain Project');
  const lines = (await readFile(example('mountain_project.2018.csv'), 'utf8')).split('\n');
  const [header = '', newest = ''] = lines;
  await page.getByRole('button', { name: 'Import ticks' }).click();
  await page.locator('input[type=file]').setInputFiles({ name: 'ticks.csv', mimeType: 'text/csv', buffer: Buffer.from(`${header}\n${newest}\n`) });
  await page.locator('form').getByRole('button', { name: 'Import ticks' }).click();
  await page.getByText('What the file no longer has stays in your logbook, and is marked.').waitFor();
  assert.ok(((await figures(page))['No longer there'] ?? 0) > 0);
  await page.getByRole('link', { name: 'Show these ticks' }).click();
  await page.waitForURL('**/logbook?badge=gone');
  await page.getByText(/^\d+ ticks found$/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'no longer in Mountain Project' }).count(), (await page.getByRole('row').count()) - 1);
  const badge = page.getByRole('button', { name: 'no longer in Mountain Project' }).first();
  await badge.focus();
  await page.keyboard.press('Enter');
  await page.getByText(/Mountain Project no longer had this tick/).waitFor();
  assert.equal(await badge.getAttribute('aria-expanded'), 'true');
  assert.deepEqual(await axeFindings(page), []);
  await picture(page, 'importer-gone');
});

climberTest('the logbook goes out as ticks.csv, and in again without a change', 'round.trip', async (page) => {
  await send(page, 'thecrag.csv');
  await reported(page, 'theCrag');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download ticks.csv' }).click()]);
  assert.match(download.suggestedFilename(), /\.csv$/);
  await page.getByText(/is in your downloads\.$/).waitFor();
  const text = await readFile(await download.path(), 'utf8');
  assert.match(text, /^Date,Route,Rating,Notes,URL,Pitches,Location,/);
  await page.getByRole('button', { name: 'Import ticks' }).click();
  await page.locator('input[type=file]').setInputFiles({ name: 'ticks.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.locator('form').getByRole('button', { name: 'Import ticks' }).click();
  await page.getByRole('region', { name: 'Nothing new: your logbook already holds this file' }).waitFor();
});
