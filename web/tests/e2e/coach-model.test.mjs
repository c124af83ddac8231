/** The coach with a language model that the test speaks for: words as they come, stops, failures and lines that break. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PocketBase from 'pocketbase';
import { startModel } from '../model.mjs';
import { admin, startServer } from '../server.mjs';
import { axeFindings, gone, launch, narrow, openPage, picture } from './browser.mjs';
import { openLine } from './line.mjs';
import { password, signUpWithTicks } from './climber.mjs';

/** @type {Awaited<ReturnType<typeof startModel>>} */ let model;
/** @type {import('../server.mjs').Server} */ let server;
/** @type {Awaited<ReturnType<typeof openLine>>} */ let line;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof openPage>>} */ let opened;
/** @type {import('playwright-core').Page} */ let page;
/** @type {PocketBase} */ let elsewhere;

before(async () => {
  model = await startModel();
  Object.assign(process.env, { COACH_BASE_URL: model.url, COACH_MODEL: 'test-model', COACH_API_KEY: 'key' });
  server = await startServer({ withAdmin: true });
  line = await openLine(server.url);
  browser = await launch();
  opened = await openPage(browser, line.url);
  page = opened.page;
  elsewhere = new PocketBase(server.url);
});

after(async () => {
  await browser?.close();
  await line?.close();
  await server?.stop();
  await model?.close();
});

const field = () => page.getByRole('textbox', { name: 'Ask the coach' });
const answers = () => page.getByRole('article', { name: 'The coach’s answer' });

/** @param {string} name */
const button = (name) => page.getByRole('button', { name, exact: true });

/** Sends a question, and is there when the model hears it. @param {string} question */
async function ask(question) {
  const heard = model.next();
  await field().fill(question);
  await field().press('Enter');
  return heard;
}

/** The messages as they are stored, in order. */
async function stored() {
  const list = await elsewhere.collection('messages').getFullList({ sort: 'created,sequence' });
  return list.map(({ role, state, content, error }) => ({ role, state, content, error }));
}

test('the page becomes the coach’s as soon as the plan has one', async () => {
  await signUpWithTicks(page, 'talking.climber');
  await elsewhere.collection('users').authWithPassword('talking.climber', password);
  await page.getByRole('link', { name: 'Coach' }).click();
  await page.getByRole('heading', { name: 'Talk your climbing over with the coach' }).waitFor();
  const boss = new PocketBase(server.url);
  await boss.collection('_superusers').authWithPassword(admin.email, admin.password);
  await boss.collection('users').update(elsewhere.authStore.record?.id ?? '', { tier: 'basic' });
  await page.getByText('25 of 25 messages left').waitFor();
  await field().waitFor();
  assert.equal(await page.getByText('without a language model').count(), 0);
});

test('words are there as they come, after what was looked at', async () => {
  (await ask('How is my pyramid?')).use('get_pyramid');
  await page.getByText('Looked at your').first().waitFor();
  await page.getByText('Working it out…').waitFor();
  const answer = await model.next();
  answer.say('You have **three** rou');
  await answers().getByText('You have three rou', { exact: true }).waitFor();
  await page.getByText('Writing…').waitFor();
  assert.equal(await page.getByRole('status').filter({ hasText: 'three' }).count(), 0, 'no word is read aloud before the end');
  assert.deepEqual(await axeFindings(page), []);
  await picture(page, 'coach-streaming');
  await button('Stop').waitFor();
  await page.getByText('24 of 25 messages left').waitFor();
  answer.say('tes at the top.\n\n<img src=x onerror=alert(1)> [more](https://evil.test/) ![x](https://evil.test/x.png)');
  answer.end();
  await answers().getByText('You have three routes at the top.').waitFor();
  await button('Helpful').waitFor();
  assert.deepEqual([await answers().locator('img').count(), await answers().locator('a').count()], [0, 0]);
  await answers().getByText('test-model').waitFor();
  await page.getByRole('status').filter({ hasText: 'You have three routes at the top.' }).waitFor({ state: 'attached' });
  await field().and(page.locator(':focus')).waitFor();
});

test('a stop keeps what had come, ends the model’s work, and costs the message', async () => {
  const answer = await ask('Tell me everything');
  answer.say('First of all');
  await answers().nth(1).getByText('First of all').waitFor();
  await button('Stop').click();
  await answers().nth(1).getByText('Stopped. This is what had come of it.').waitFor();
  await answer.gone;
  assert.deepEqual((await stored()).at(-1), { role: 'assistant', state: 'stopped', content: 'First of all', error: '' });
  await page.getByText('23 of 25 messages left').waitFor();
  await picture(page, 'coach-stopped');
  await button('Send').waitFor();
});

test('a broken answer can be asked for again', async () => {
  const heard = model.next();
  await button('Ask again').click();
  const answer = await heard;
  answer.say('Everything, then.');
  answer.end();
  await answers().nth(2).getByText('Everything, then.').waitFor();
  assert.equal((await stored()).filter(({ content }) => content === 'Tell me everything').length, 2);
  await gone(button('Ask again'));
});

test('a model that fails before its first word gives the message back', async () => {
  model.break(true);
  await field().fill('Are you there?');
  await field().press('Enter');
  await answers().nth(3).getByText('Your message is not counted.').waitFor();
  await page.getByText('22 of 25 messages left').waitFor();
  model.break(false);
  await page.setViewportSize(narrow);
  assert.deepEqual(await axeFindings(page), []);
  await picture(page, 'coach-failed-narrow');
});

test('a model that breaks off leaves what it has said, on a phone too', async () => {
  const answer = await ask('And now?');
  answer.say('Now we');
  await answers().nth(4).getByText('Now we').waitFor();
  answer.fail();
  const outcome = answers().nth(4).getByText('The answer broke off.');
  await outcome.waitFor();
  const [said, composer] = await Promise.all([outcome.boundingBox(), page.locator('form').boundingBox()]);
  assert.ok(said && composer && said.y > 0 && said.y + said.height <= composer.y, 'the page follows what is said, above the composer');
  await page.setViewportSize({ width: 1280, height: 900 });
});

test('an answer goes on while the climber looks at another page', async () => {
  const answer = await ask('Take your time');
  answer.say('One, ');
  await answers().nth(5).getByText('One,').waitFor();
  await page.getByRole('link', { name: 'Logbook' }).click();
  await page.getByRole('table').waitFor();
  answer.say('two, ');
  await page.goBack();
  await answers().nth(5).getByText('One, two,').waitFor();
  answer.say('three.');
  answer.end();
  await answers().nth(5).getByText('One, two, three.').waitFor();
  await answers().nth(5).getByRole('button', { name: 'Helpful', exact: true }).waitFor();
});

test('a reload in the middle shows what is stored', async () => {
  const answer = await ask('And if I reload?');
  answer.say('Then I');
  await answers().nth(6).getByText('Then I').waitFor();
  await page.reload();
  await answers().nth(6).getByText('Stopped. This is what had come of it.').waitFor();
  await answers().nth(6).getByText('Then I').waitFor();
});

test('an answer to another device comes by itself, and can be stopped from here', async () => {
  const chat = new URL(page.url()).searchParams.get('chat');
  const heard = model.next();
  const asked = elsewhere.send('/v1/users/me/messages', { method: 'POST', body: { content: 'From my phone', chat_id: chat }, requestKey: null });
  const answer = await heard;
  answer.say('Hello phone');
  await page.getByText('From my phone').waitFor();
  await answers().nth(7).getByText('Writing…').waitFor();
  await button('Stop').click();
  await answers().nth(7).getByText('Hello phone').waitFor();
  await answers().nth(7).getByText('Stopped. This is what had come of it.').waitFor();
  assert.equal((await asked).message.state, 'stopped');
});

test('without a connection the question stays where it was written', async () => {
  line.cut();
  await field().fill('Can you hear me?');
  await field().press('Enter');
  await page.getByRole('alert').getByText('Cragbase cannot be reached.').waitFor();
  assert.equal(await field().inputValue(), 'Can you hear me?');
  line.mend();
  const heard = model.next();
  await button('Send').click();
  const answer = await heard;
  answer.say('Now I');
  await answers().nth(8).getByText('Now I').waitFor();
  line.cut();
  await answers().nth(8).getByText(/The connection broke off|Stopped\. This is/).waitFor();
  await answer.gone;
  line.mend();
  await page.reload();
  await answers().nth(8).getByText('Stopped. This is what had come of it.').waitFor();
});

test('two answers at once are all there may be', async () => {
  const others = ['One', 'Two'].map((content) => elsewhere.send('/v1/users/me/messages', { method: 'POST', body: { content }, requestKey: null }));
  const held = [await model.next(), await model.next()];
  await page.goto('/coach');
  await field().fill('Three');
  await field().press('Enter');
  await page.getByRole('alert').getByText('Two answers are on their way already.').waitFor();
  assert.equal(await field().inputValue(), 'Three');
  for (const answer of held) {
    answer.say('Done.');
    answer.end();
  }
  await Promise.all(others);
  // The line that was cut is what the browser complains of, and nothing else.
  assert.deepEqual(opened.complaints.filter((complaint) => !/net::ERR_/.test(complaint)), []);
});
