// Pages of hosts: a server of its own, so another origin than Scorefield's, and a page that keeps what its frames say.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

/** @type {Record<string, string>} */
const KINDS = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.webp': 'image/webp', '.woff2': 'font/woff2',
};

/**
 * Serves pages from memory and, below them, a folder.
 * @param {Record<string, string>} pages  by their paths
 * @param {string} [folder]
 */
export async function serve(pages, folder) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    const file = path.endsWith('/') ? `${path}index.html` : path;
    const held = pages[path] ?? pages[file] ?? (path === '/favicon.ico' ? '' : undefined);
    try {
      const body = held ?? (folder ? await readFile(join(folder, normalize(file))) : null);
      if (body === null) throw new Error('nothing is here');
      response.writeHead(200, { 'content-type': KINDS[extname(file)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(null)));
  server.unref(); // a test that fails ends all the same
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}`, close: () => new Promise((closed) => server.close(closed)) };
}

/**
 * A script of a host page: `heard` keeps what every frame says, `ask(frame, command)` resolves with the answer, `next(frame, event)` with
 * the next event of that kind, or with an earlier one.
 */
export const EARS = `
  const heard = [];
  const hear = new EventTarget();
  addEventListener('message', (e) => { heard.push({ source: e.source, data: e.data }); hear.dispatchEvent(new Event('news')); });
  let serial = 0;
  const found = (test) => new Promise((resolve) => {
    const look = () => { const one = heard.find(test); if (!one) return; hear.removeEventListener('news', look); resolve(one.data); };
    hear.addEventListener('news', look);
    look();
  });
  const next = (frame, event) => found(({ source, data }) => source === frame.contentWindow && data.event === event);
  const ask = (frame, command) => {
    const id = command.id ?? 'q' + ++serial;
    frame.contentWindow.postMessage({ scorefield: 1, id, ...command }, '*');
    return found(({ source, data }) => source === frame.contentWindow && data.id === id);
  };
`;
