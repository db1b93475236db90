/** Part of the audio helpers: by name and type only. */

import { later } from '../internal/later.js';

export function playAudio(input: NodeJS.ReadableStream | Response | File): Promise<void>;
export function playAudio(): never {
  throw later('playAudio', 'the audio helpers');
}

type RecordAudioOptions = {
  signal?: AbortSignal;
  device?: number | string;
  timeout?: number;
};

export function recordAudio(options?: RecordAudioOptions): Promise<File>;
export function recordAudio(): never {
  throw later('recordAudio', 'the audio helpers');
}
