/** Sound on this machine, by the programs of FFmpeg. */

import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';

/** Samples a second that the API takes. */
const SAMPLE_RATE = 24000;

/** How FFmpeg takes sound in, and the name of an input: by its number, or as its user calls it. */
const INPUTS: Partial<Record<NodeJS.Platform, [format: string, name: (device: number | string) => string]>> = {
  darwin: ['avfoundation', (device) => `:${device}`],
  win32: ['dshow', (device) => `audio=${device}`],
};
const ALSA: [string, (device: number | string) => string] = [
  'alsa',
  (device) => (typeof device === 'number' ? `hw:${device}` : device),
];

/**
 * Plays sound in a format that `ffplay` knows, while it comes.
 *
 * @throws {Error} `ffplay` of FFmpeg is not on `PATH` or fails, the response has no body, or reading fails.
 */
export async function playAudio(input: NodeJS.ReadableStream | Response | File): Promise<void> {
  const source = readable(input);
  const player = spawn('ffplay', ['-autoexit', '-nodisp', '-i', 'pipe:0'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const played = ended(player, 'playAudio', 'ffplay');
  // Whoever waits below hears of it; a player that is not there must not be an unhandled rejection meanwhile.
  played.catch(() => undefined);
  let isInputBroken = 'errored' in source && source.errored !== null;
  source.once('error', () => {
    isInputBroken ||= !player.stdin.destroyed;
  });
  try {
    await pipeline(source, player.stdin);
  } catch (error) {
    // A player that ends before its input, or never began, says why itself, and how its pipe fails is a matter of timing.
    if (isInputBroken && player.pid !== undefined) {
      player.kill();
      throw error;
    }
  }
  const code = await played;
  if (code !== 0) throw new Error(`ffplay process exited with code ${code}`);
}

type RecordAudioOptions = {
  /** Ends the recording. */
  signal?: AbortSignal;
  /** A number, 0 if left out, or a name, which Windows needs: on Linux that of an ALSA device, such as `hw:USB,0`. */
  device?: number | string;
  /** In milliseconds; without effect unless positive. */
  timeout?: number;
};

/**
 * Records from an input of this machine until it is told to end, as a WAV file with one channel of 24 kHz.
 *
 * @throws {Error} `ffmpeg` of FFmpeg is not on `PATH` or fails, or Windows was given no name of a device.
 */
export async function recordAudio(options: RecordAudioOptions = {}): Promise<File> {
  const { signal, timeout = 0, device = 0 } = options;
  const { platform } = process;
  if (platform === 'win32' && (typeof device !== 'string' || device === '')) {
    throw new Error('Windows recording requires an audio device name, such as "Microphone (USB Audio)"');
  }
  const chunks: Uint8Array[] = [];
  if (signal?.aborted !== true) {
    const [format, name] = INPUTS[platform] ?? ALSA;
    const sound = ['-ar', String(SAMPLE_RATE), '-ac', '1', '-f', 'wav', 'pipe:1'];
    const recorder = spawn('ffmpeg', ['-f', format, '-i', name(device), ...sound], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    recorder.stdout.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    let isStopped = false;
    const stop = () => {
      isStopped = true;
      recorder.kill('SIGTERM');
    };
    const timer = timeout > 0 ? setTimeout(stop, timeout) : undefined;
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const code = await ended(recorder, 'recordAudio', 'ffmpeg');
      if (code !== 0 && !isStopped) throw new Error(`ffmpeg process exited with code ${code}`);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }
  return new File(chunks as BlobPart[], 'audio.wav', { type: 'audio/wav' });
}

/** The code that a program exits with, once all that it said was read. */
async function ended(program: ChildProcess, helper: string, name: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    program.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') {
        reject(cause);
        return;
      }
      const error = new Error(`${helper} needs \`${name}\`, which is not on PATH; install FFmpeg.`, { cause });
      reject(Object.assign(error, { code: cause.code }));
    });
    program.once('close', resolve);
  });
}

function readable(input: NodeJS.ReadableStream | Response | File): NodeJS.ReadableStream {
  if (typeof input !== 'object' || input === null) {
    throw new TypeError('playAudio takes a readable stream of Node.js, a Response or a File.');
  }
  if ('pipe' in input) return input;
  if ('body' in input) {
    if (input.body === null) throw new Error('Cannot play audio from a response without a body');
    return Readable.fromWeb(input.body as WebStream);
  }
  return Readable.fromWeb(('stream' in input ? input.stream() : input) as WebStream);
}
