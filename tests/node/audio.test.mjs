// The helpers for sound, with programs on PATH that stand for those of FFmpeg and really get the bytes: beside the official ones.

import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as ours from 'tailrace/helpers/audio';

const modules = process.env.TAILRACE_OFFICIAL_NODE_MODULES;
const libraries = { tailrace: ours };
if (modules) {
  const require = createRequire(join(modules, 'openai', 'package.json'));
  libraries.openai = await import(pathToFileURL(require.resolve('openai/helpers/audio')).href);
}
const isWindows = process.platform === 'win32';
const { PATH } = process.env;
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sound-'));
  const said = (name) => `echo "${name} $*" > '${join(folder, 'said')}'`;
  const programs = {
    ffplay: `${said('ffplay')}\n[ "$SOUND_EARLY" ] || cat > '${join(folder, 'played')}'\nexit \${SOUND_EXIT:-0}\n`,
    ffmpeg: `trap 'printf TAIL; exit 255' TERM\n${said('ffmpeg')}\nprintf RIFFsound\nwhile [ "$SOUND_WAIT" ]; do sleep 0.02; done\nexit \${SOUND_EXIT:-0}\n`,
  };
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}`);
    await chmod(join(folder, name), 0o755);
  }
});

after(async () => rm(folder, { recursive: true, force: true }));

/** Runs with the programs on PATH, and with these words for them. */
async function heard(run, words = {}) {
  Object.assign(process.env, words, { PATH: `${folder}${delimiter}${PATH}` });
  try {
    return await run();
  } finally {
    for (const name of Object.keys(words)) delete process.env[name];
    process.env.PATH = PATH;
  }
}

const command = async () => (await readFile(join(folder, 'said'), 'utf8')).trim();

for (const [name, { playAudio, recordAudio }] of Object.entries(libraries)) {
  const skip = isWindows ? 'the programs are shell scripts' : false;

  test(`${name} plays streams, responses and files as they come`, { skip }, async () => {
    const sound = Buffer.from(Array.from({ length: 300_000 }, (_, place) => place % 251));
    const inputs = [
      () => Readable.from([sound.subarray(0, 1000), sound.subarray(1000)]),
      () => new Response(sound),
      () => new File([sound], 'a.wav'),
      () => new Response(sound).body,
    ];
    for (const input of inputs) {
      await heard(() => playAudio(input()));
      assert.equal(await command(), 'ffplay -autoexit -nodisp -i pipe:0');
      assert.ok(sound.equals(await readFile(join(folder, 'played'))));
    }
  });

  test(`${name} says why it cannot play`, { skip }, async () => {
    await assert.rejects(
      heard(() => playAudio(new Response('x')), { SOUND_EXIT: '3' }),
      { message: 'ffplay process exited with code 3' },
    );
    await assert.rejects(
      heard(async () => playAudio(new Response(null))),
      { message: 'Cannot play audio from a response without a body' },
    );
    const broken = new Readable({
      read() {
        this.destroy(new Error('broke'));
      },
    });
    await assert.rejects(
      heard(() => playAudio(broken)),
      { message: 'broke' },
    );
    await assert.rejects(
      heard(async () => playAudio('sound')),
      TypeError,
    );
  });

  test(`${name} records until the program ends, the time is over or the signal says so`, { skip }, async () => {
    const text = async (options, words) => {
      const file = await heard(() => recordAudio(options), words);
      assert.deepEqual([file.name, file.type], ['audio.wav', 'audio/wav']);
      return file.text();
    };
    assert.equal(await text(), 'RIFFsound');
    if (process.platform === 'linux') {
      assert.equal(await command(), 'ffmpeg -f alsa -i hw:0 -ar 24000 -ac 1 -f wav pipe:1');
      await text({ device: 'hw:USB,0', timeout: 0 });
      assert.equal(await command(), 'ffmpeg -f alsa -i hw:USB,0 -ar 24000 -ac 1 -f wav pipe:1');
    }
    const waits = { SOUND_WAIT: '1' };
    const begun = async () => {
      await rm(join(folder, 'said'), { force: true });
      const control = new AbortController();
      const recording = text({ signal: control.signal }, waits);
      for (;;) {
        const said = await readFile(join(folder, 'said'), 'utf8').catch(() => '');
        if (said !== '') break;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      control.abort();
      return recording;
    };
    assert.match(await begun(), /TAIL$/);
    // The program may be told to end before it has said everything.
    assert.match(await text({ timeout: 300 }, waits), /^(RIFFsound)?(TAIL)?$/);
    const none = await text({ signal: AbortSignal.abort() }, waits);
    if (name === 'tailrace') assert.equal(none, '');
    await assert.rejects(
      heard(() => recordAudio(), { SOUND_EXIT: '7' }),
      { message: 'ffmpeg process exited with code 7' },
    );
  });

  test(`${name} says that FFmpeg is not there`, { skip }, async () => {
    const without = async (run) => {
      process.env.PATH = folder.slice(0, -1);
      try {
        return await run();
      } finally {
        process.env.PATH = PATH;
      }
    };
    await assert.rejects(
      without(() => playAudio(new Response('x'))),
      { code: 'ENOENT', message: /ffplay/ },
    );
    await assert.rejects(
      without(() => recordAudio()),
      { code: 'ENOENT', message: /ffmpeg/ },
    );
  });
}

test('a player that ends before its input is no error, however its pipe tells it', { skip: isWindows }, async () => {
  for (let round = 0; round < 20; round++) {
    await heard(() => ours.playAudio(new Response(Buffer.alloc(3_000_000))), { SOUND_EARLY: '1' });
  }
  await assert.rejects(
    heard(() => ours.playAudio(new Response(Buffer.alloc(3_000_000))), { SOUND_EARLY: '1', SOUND_EXIT: '4' }),
    { message: 'ffplay process exited with code 4' },
  );
});

test('an input that breaks is an error, whatever its code', { skip: isWindows }, async () => {
  for (const code of ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']) {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(1000);
        throw Object.assign(new Error('broke'), { code });
      })(),
    );
    await assert.rejects(
      heard(() => ours.playAudio(broken)),
      { message: 'broke', code },
    );
    await assert.rejects(
      heard(() => ours.playAudio(broken)),
      { message: 'broke', code },
    );
  }
});
