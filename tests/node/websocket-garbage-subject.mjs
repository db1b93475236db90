// Leaves a WebSocket of one package in one way, prints what was told, and ends by itself.
//
// node --expose-gc websocket-garbage-subject.mjs <folder of the package> <extension> <scenario> <base URL>

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const [folder, extension, scenario, baseURL] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const { default: OpenAI } = await load('index');
const { ResponsesWS } = await load('resources/responses/ws');
const { SidebandWS } = await load('resources/live/sideband/ws');
const log = [];
process.on('exit', () => process.stdout.write(JSON.stringify(log)));
process.on('uncaughtException', (error) => log.push(['uncaught', error.message]));

const open = (options) => new ResponsesWS(new OpenAI({ apiKey: 'k', baseURL }), options);
const telling = (rt) => {
  for (const type of ['hi', 'later']) rt.on(type, (event) => log.push([type, event.number ?? null]));
  // What a refused handshake and one that takes too long are called differs.
  rt.on('error', ({ message, cause }) => log.push(['error', /aborted/.test(message) ? [message, cause.name, cause.code] : cause !== undefined]));
  rt.on('close', (code, reason, unsent) => log.push(['close', code, reason, unsent.length]));
  return rt;
};
const collected = async () => {
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
};
const stop = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const next = (rt, event) => new Promise((resolve) => rt.on(event, resolve));

/** Opens one, does something with it once it is greeted, and keeps nothing of it. */
function leave(act, options) {
  const rt = telling(open(options));
  let hasActed = false;
  rt.on('hi', () => {
    if (!hasActed) act(rt);
    hasActed = true;
  });
}
const descriptors = () => readdirSync('/proc/self/fd').length;

const SCENARIOS = {
  'dropped while idle': async () => {
    leave(() => setImmediate(collected));
  },
  'dropped before it opens': async () => {
    telling(open());
    await collected();
  },
  'dropped with nobody listening': async () => {
    open().on('error', () => {});
    await collected();
  },
  'dropped while events wait': async () => {
    leave(() => setImmediate(async () => {
      stop(300);
      await collected();
    }));
  },
  'dropped while it is iterated': async () => {
    const iterate = async () => {
      for await (const { type } of open()) log.push(type);
    };
    void iterate();
    await collected();
  },
  'dropped while messages wait': async () => {
    leave((rt) => {
      for (let number = 0; number < 100; number++) rt.send({ type: 'item', number, text: 'x'.repeat(100_000) });
      rt.close();
      setImmediate(collected);
    });
  },
  'dropped after it is closed': async () => {
    leave((rt) => rt.close());
    await collected();
  },
  'no longer iterated': async () => {
    const rt = open();
    rt.on('error', () => {});
    for await (const { type } of rt) if (type === 'message') break;
    log.push(['state', rt.socket.readyState]);
    rt.close();
  },
  'closed by the server': async () => leave(() => {}),
  'refused': async () => leave(() => {}),
  'given up before it opens': async () => {
    const rt = telling(open());
    rt.close();
  },
  'terminated before it opens': async () => {
    const rt = telling(open());
    setImmediate(() => rt.socket.terminate());
  },
  'a handshake that takes too long': async () => {
    telling(open({ handshakeTimeout: 200 }));
  },
  'a handshake that is given up late': async () => {
    const rt = telling(open());
    setTimeout(() => rt.close(), 100);
  },
  'a signal': async () => {
    const controller = new AbortController();
    telling(open({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 100);
  },
  'a signal that was aborted': async () => {
    try {
      telling(open({ signal: AbortSignal.abort() }));
    } catch (error) {
      log.push([error.name]);
    }
  },
  'a signal once it is open': async () => {
    const controller = new AbortController();
    leave((rt) => {
      controller.abort();
      setImmediate(() => (log.push(['state', rt.socket.readyState]), rt.close()));
    }, { signal: controller.signal });
  },
  'a worker that ends while it connects': async () => {
    const worker = new Worker(fileURLToPath(import.meta.url), { argv: [folder, extension, 'in a worker', baseURL], stdout: true });
    await new Promise((resolve) => worker.once('message', resolve));
    log.push(['ended', await worker.terminate()]);
  },
  'in a worker': async () => {
    const { parentPort } = await import('node:worker_threads');
    open().on('error', () => {});
    setTimeout(() => parentPort.postMessage('connecting'), 100);
  },
  'no descriptor stays': async () => {
    const one = async (act) => {
      const rt = new SidebandWS(new OpenAI({ apiKey: 'k', baseURL }), { session_id: act });
      rt.on('error', () => {});
      const closed = next(rt, 'close');
      if (act === 'early') rt.close();
      else {
        rt.on('hi', () => (act === 'terminated' ? rt.socket.terminate() : act === 'closed' ? rt.close() : undefined));
      }
      await closed;
    };
    const round = () => Promise.all(Array.from({ length: 10 }, () => ['early', 'terminated', 'closed', 'by the server'].map(one)).flat());
    await round();
    const before = descriptors();
    for (let count = 0; count < 3; count++) await round();
    for (let count = 0; count < 600 && descriptors() > before; count++) await new Promise((resolve) => setTimeout(resolve, 50));
    log.push(['left', Math.max(0, descriptors() - before)]);
  },
};
await SCENARIOS[scenario]();
