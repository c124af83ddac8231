/** A language model for a test: a server that speaks as much of the OpenAI API as is needed, and says what the test wants, when it wants. */
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * What answers one request of the coach.
 * @typedef {object} Answer
 * @property {(text: string) => void} say the next words
 * @property {(name: string) => void} use calls a tool without arguments; the coach then asks again
 * @property {() => void} end
 * @property {() => void} fail breaks off without a word more
 * @property {Promise<unknown>} gone is settled when the coach has hung up
 */

export async function startModel() {
  /** @type {((answer: Answer) => void)[]} */ const waiting = [];
  /** @type {Answer[]} */ const asked = [];
  let broken = false;

  const server = createServer((request, response) => {
    request.resume();
    if (broken) return void response.writeHead(401, { 'Content-Type': 'application/json' }).end('{"error":{"message":"no such key"}}');
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const answer = answerTo(response);
    const next = waiting.shift();
    if (next) next(answer);
    else asked.push(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    /** The next request of the coach, once it has come. @returns {Promise<Answer>} */
    next: () => new Promise((resolve) => {
      const answer = asked.shift();
      if (answer) resolve(answer);
      else waiting.push(resolve);
    }),
    /** Refuses everything from now on, or no longer. */
    break: (/** @type {boolean} */ now) => (broken = now),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** @param {import('node:http').ServerResponse} response @returns {Answer} */
function answerTo(response) {
  const send = (/** @type {object} */ delta, /** @type {string | null} */ reason = null) => {
    const chunk = { id: 'answer', object: 'chat.completion.chunk', created: 0, model: 'test', choices: [{ index: 0, delta, finish_reason: reason }] };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const end = (/** @type {string} */ reason) => {
    send({}, reason);
    response.end('data: [DONE]\n\n');
  };
  return {
    say: (content) => send({ content }),
    use(name) {
      send({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: '{}' } }] });
      end('tool_calls');
    },
    end: () => end('stop'),
    fail: () => response.destroy(),
    gone: once(response, 'close'),
  };
}
