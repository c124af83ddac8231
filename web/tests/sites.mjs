/** Mountain Project and 8a.nu as far as the server reads them, on this machine. */
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {string} [type]
 * @property {string} [body]
 * @property {Promise<void>} [after] what the answer waits for
 */

/** The address of the profiles that are read at a path, and what is answered: a profile that nobody has set up is not found. */
export class Sites {
  /** @type {Map<string, Answer>} */ #answers = new Map();
  #server = createServer((request, response) => void this.#answer(request.url ?? '', response));

  /** Starts to answer, and returns the address. */
  async open() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** The ticks of a profile at Mountain Project. @param {number} id @param {Answer} answer */
  setTicks(id, answer) {
    this.#answers.set(`/user/${id}/tick-export`, answer);
  }

  /** The ascents of a profile at 8a.nu. @param {string} slug @param {Answer} answer */
  setAscents(slug, answer) {
    this.#answers.set(`/api/unification/ascent/v1/web/users/${slug}/ascents`, answer);
  }

  /** @param {string} url @param {import('node:http').ServerResponse} response */
  async #answer(url, response) {
    const { status, type = 'text/plain', body = '', after } = this.#answers.get(url.split('?', 1)[0] ?? '') ?? { status: 404 };
    await after;
    response.writeHead(status, { 'Content-Type': type }).end(body);
  }
}

/** Ticks as Mountain Project sends them. @param {string} body @param {Promise<void>} [after] @returns {Answer} */
export function ticksFile(body, after) {
  return { status: 200, type: 'text/csv; charset=utf-8', body, ...(after && { after }) };
}
