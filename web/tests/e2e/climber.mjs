/** What a climber does in more than one test. */
import { fileURLToPath } from 'node:url';

/** @typedef {import('playwright-core').Page} Page */

export const password = 'quartz otter lantern 9';

/** The path of a file in tests/fixtures. */
export function fixture(/** @type {string} */ name) {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

/**
 * Signs up through the form and ends on the empty dashboard.
 * @param {Page} page
 * @param {string} username
 */
export async function signUp(page, username) {
  await page.goto('/signup');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('E-mail').fill(`${username}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Start with your logbook' }).waitFor();
}

/**
 * Logs in through the form, on the login page.
 * @param {Page} page
 * @param {string} identity
 * @param {string} secret
 */
export async function logIn(page, identity, secret) {
  await page.getByLabel('E-mail or username').fill(identity);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/**
 * Chooses a file and sends it.
 * @param {Page} page
 * @param {string} name of a fixture
 */
export async function upload(page, name) {
  await send(page, fixture(name));
}

/**
 * The same with a file that was made up on the way.
 * @param {Page} page
 * @param {string} name
 * @param {string} text
 */
export async function uploadText(page, name, text) {
  await send(page, { name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

/** @param {Page} page @param {Parameters<import('playwright-core').Locator['setInputFiles']>[0]} file */
async function send(page, file) {
  await page.locator('input[type=file]').setInputFiles(file);
  await page.locator('form').getByRole('button', { name: 'Import ticks' }).click();
}

/**
 * Signs up, imports the example export and waits for the pyramid.
 * @param {Page} page
 * @param {string} username
 */
export async function signUpWithTicks(page, username) {
  await signUp(page, username);
  await upload(page, 'ticks.csv');
  await bars(page).first().waitFor();
}

/** The bars of the pyramid, hardest first. */
export function bars(/** @type {Page} */ page) {
  return page.getByRole('listbox').getByRole('option');
}

/** @param {Page} page @returns {Promise<string[]>} what the bars say */
export function barLabels(page) {
  return bars(page).evaluateAll((all) => all.map((bar) => bar.getAttribute('aria-label') ?? ''));
}
