// Opens compressed sockets of one package in the ways of websocket-compression.test.mjs, to servers of `ws`, and prints what
// both sides saw, as data.
//
// node websocket-compression-subject.mjs <folder of the package> <extension>

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, extension] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI } = await load('index');
const { ResponsesWS } = await load('resources/responses/ws');
const { WebSocketServer } = createRequire(join(process.env.TAILRACE_OFFICIAL_NODE_MODULES, 'tools.js'))('ws');

const digest = (data) => `${data.length} ${createHash('sha256').update(data).digest('hex').slice(0, 16)}`;
const TEXT = Array.from({ length: 4000 }, (_, at) => `${at * 7919} räumlich 🌍`).join(' ');
const EVENTS = [TEXT, TEXT, 'short', TEXT.repeat(10)].map((delta) => ({ type: 'response.output_text.delta', delta }));

/** What came over one connection with these options of client and server, and what it cost. */
async function use(options, served, { events = EVENTS, sent = EVENTS } = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: served });
  await once(server, 'listening');
  const seen = { got: [], told: [] };
  const ended = new Promise((resolve) => {
    server.on('connection', (socket, request) => {
      seen.asked = request.headers['sec-websocket-extensions'];
      const before = request.socket.bytesRead;
      for (const event of events) socket.send(JSON.stringify(event));
      socket.on('message', (data) => {
        seen.got.push(digest(data));
        if (seen.got.length < sent.length) return;
        const bytes = sent.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0);
        seen.isSmall = request.socket.bytesRead - before < bytes / 2;
        socket.close(1000);
      });
      socket.on('error', () => {});
      socket.on('close', (code) => resolve((seen.code = code)));
    });
  });
  const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${server.address().port}/v1` });
  let rt;
  try {
    rt = new ResponsesWS(client, options);
  } catch (error) {
    server.close();
    return { refused: error instanceof Error };
  }
  rt.on('error', () => {});
  rt.on('event', (event) => {
    seen.told.push(digest(JSON.stringify(event)));
    if (seen.told.length === events.length) sent.forEach((event) => rt.send(event));
  });
  await ended;
  server.close();
  return seen;
}

const on = (options) => ({ perMessageDeflate: options });
const SCENARIOS = {
  'by default': () => use({}, true),
  'not asked for': () => use(on(false), true),
  'left null': () => use(on(null), true),
  'asked for': () => use(on(true), true),
  declined: () => use(on(true), false),
  'each message by itself': () => use(on({ serverNoContextTakeover: true, clientNoContextTakeover: true }), true),
  'each message by itself, as the server wants it': () => use(on({}), { clientNoContextTakeover: true, serverNoContextTakeover: true }),
  'small windows': () => use(on({ serverMaxWindowBits: 9, clientMaxWindowBits: 9 }), true),
  'small windows, as the server wants them': () => use(on({}), { serverMaxWindowBits: 10, clientMaxWindowBits: 11 }),
  'no choice of the window': () => use(on({ clientMaxWindowBits: false }), true),
  'below the threshold': () =>
    use(on({ clientNoContextTakeover: true, threshold: 1e7 }), true, { events: EVENTS.slice(0, 1) }),
  'a message that grows too large': () => use({ ...on(true), maxPayload: 1000 }, { threshold: 0 }),
  'a message that is as large as it may be': () => use({ ...on(true), maxPayload: Buffer.byteLength(JSON.stringify(EVENTS[3])) }, true),
};

const outcomes = {};
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, { late: true }));
  outcomes[name] = await Promise.race([scenario(), late]);
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit());
