/** The line between browser and server, which a test can cut. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Passes everything on to the server at `url`.
 * @param {string} url
 */
export async function openLine(url) {
  const { hostname, port } = new URL(url);
  /** @type {Set<import('node:net').Socket>} */ const ends = new Set();
  let whole = true;
  const line = createServer((near) => {
    if (!whole) return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [end, other] of [[near, far], [far, near]]) {
      ends.add(end);
      end.pipe(other).on('error', () => end.destroy());
      end.on('close', () => ends.delete(end));
    }
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  const address = line.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const cut = () => {
    whole = false;
    for (const end of ends) end.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    mend: () => (whole = true),
    async close() {
      cut();
      line.close();
      await once(line, 'close');
    },
  };
}
