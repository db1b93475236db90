// WebSockets of many callers at once: `websockets.mjs MOCK_URL PROXY_URL SECONDS SEED`, with --expose-gc.

import { OpenAIRealtimeWS } from '../../node/dist/esm/realtime/ws.js';
import { secured } from '../bench/tls_front.mjs';
import { soak } from './traffic.mjs';

const EVENT = { type: 'response.create' };
const RECOVERY = { reconnect: true, maxRetries: 4, reconnectInitialDelay: 1, reconnectMaxDelay: 10 };
/** Of a connection that is made again; each has three. */
const RECONNECTED_EVENTS = 12;
/** A connection has no limit of its own between two events here, so its caller has one where a proxy may stall it. */
const PATIENCE_MS = 4_000;

/** Connections speak TLS, so that both servers stand behind it. */
const fronts = await Promise.all(
  process.argv.slice(2, 4).map(async (url) => [new URL(url).origin, new URL(await secured(url)).origin]),
);
const behind = (url) => fronts.reduce((place, [origin, front]) => place.replace(origin, front), url);

/** Opens the connection of a scenario and uses it; gives how it ended and the number of its events. */
function perform(client, scenario, draw) {
  return new Promise((done) => {
    const recovers = scenario.do === 'reconnect';
    const props = { model: 'mock', options: { rejectUnauthorized: false }, ...(recovers ? RECOVERY : {}) };
    const rt = new OpenAIRealtimeWS(props, client.withOptions({ baseURL: behind(client.baseURL) }));
    const limits = { leave: 1 + Math.floor(draw() * 19), echo: 20, reconnect: RECONNECTED_EVENTS };
    const limit = limits[scenario.do];
    let events = 0;
    let outcome;
    let refusal = 'connection';
    let isOpen = false;
    const timers = [];
    const leave = (how) => {
      outcome ??= how;
      rt.close();
    };
    const ended = (code) => {
      timers.forEach(clearInterval);
      done([outcome ?? (isOpen ? (code === 1000 ? 'ok' : `closed ${code}`) : refusal), events]);
    };
    // Again and again: a connection that is made after one that stalled may stall, too.
    if (scenario.proxied) timers.push(setInterval(() => rt.socket.terminate(), PATIENCE_MS));
    rt.on('error', ({ message, cause }) => {
      const [, status] = /response: (\d+)/.exec(`${message} ${cause?.message}`) ?? [];
      if (status !== undefined) refusal = `status ${status}`;
    });
    rt.on('event', () => {
      events += 1;
      if (events === limit) leave(scenario.do === 'leave' ? 'left' : 'ok');
    });
    if (recovers) rt.on('close', (code) => typeof code === 'number' && ended(code));
    else rt.socket.on('close', ended);
    rt.socket.on('open', () => {
      isOpen = true;
      if (recovers) return;
      for (let sent = 0; sent < (scenario.do === 'echo' ? 20 : 1); sent += 1) rt.send(EVENT);
      if (scenario.do === 'cancel') timers.push(setTimeout(() => leave('left'), draw() * 50));
      if (scenario.do === 'drop') {
        outcome = 'left';
        rt.socket.terminate();
      }
      if (scenario.close_ms !== undefined) timers.push(setTimeout(() => rt.socket.terminate(), 1000));
    });
  });
}

await soak('websockets.json', perform);
