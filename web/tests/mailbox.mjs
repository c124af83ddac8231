/** A real SMTP server that keeps what it is given, for tests that read their mail. */
import { once } from 'node:events';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const arrivalLimit = 20_000;

/**
 * @typedef {object} Mail
 * @property {string} to the address it was delivered to
 * @property {string} from
 * @property {string} subject
 * @property {string} text
 * @property {string} html
 */

export class Mailbox {
  /** @type {Mail[]} */ #unread = [];
  #arrivals = new EventTarget();
  #server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData: (stream, session, done) => {
      this.#keep(stream, session.envelope.rcptTo.map(({ address }) => address)).then(() => done(), done);
    },
  });

  /** Starts listening and returns the port. */
  async open() {
    const listener = this.#server.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  async close() {
    await new Promise((resolve) => this.#server.close(() => resolve(undefined)));
  }

  /**
   * Takes the oldest unread mail to an address whose subject matches, waiting for it if need be.
   * @param {string} to
   * @param {RegExp} subject
   * @returns {Promise<Mail>}
   */
  async take(to, subject) {
    const late = AbortSignal.timeout(arrivalLimit);
    for (;;) {
      const index = this.#unread.findIndex((mail) => mail.to === to && subject.test(mail.subject));
      const [mail] = index < 0 ? [] : this.#unread.splice(index, 1);
      if (mail) return mail;
      await once(this.#arrivals, 'mail', { signal: late }).catch(() => {
        throw new Error(`no mail ${subject} to ${to}; there are ${JSON.stringify(this.#unread.map((other) => [other.to, other.subject]))}`);
      });
    }
  }

  /**
   * @param {import('node:stream').Readable} stream
   * @param {string[]} recipients
   */
  async #keep(stream, recipients) {
    const { from, subject = '', text = '', html } = await simpleParser(stream);
    for (const to of recipients) this.#unread.push({ to, from: from?.text ?? '', subject, text, html: html || '' });
    this.#arrivals.dispatchEvent(new Event('mail'));
  }
}

/**
 * The link to one of our pages that a mail holds, the same in its text and its HTML.
 * @param {Mail} mail
 * @param {string} url of the server
 * @param {string} path
 */
export function linkIn({ text, html }, url, path) {
  const link = text.split(/\s+/).find((word) => word.startsWith(`${url}${path}?token=`));
  if (!link || !html.includes(link)) throw new Error(`no link to ${path} in both parts of the mail: ${text}`);
  return link;
}
