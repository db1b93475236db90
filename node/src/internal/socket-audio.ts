/** Sound that comes as base64 in events, as bytes or samples. */

import type { SocketBlock, WebSocket } from './native.cjs';

/** As what the `delta` of an event with sound is told: bytes in a `Buffer`, or samples of 16 bits in an `Int16Array`. */
export type SocketAudio = 'bytes' | 'int16';

/** The events whose `delta` is sound, of all parts of the API. */
const EVENTS = ['response.audio.delta', 'response.output_audio.delta', 'session.output_audio.delta'];
const MEMBER = 'delta';

/** Asks a connection for bytes. What is no base64, or no whole number of samples, stays text. */
export function decodeAudio(socket: WebSocket, audio: SocketAudio): void {
  const members = EVENTS.flatMap((event) => [event, MEMBER]);
  socket.decode('type', members, audio === 'int16' ? Int16Array.BYTES_PER_ELEMENT : 1);
}

/** Puts bytes into the event that they are of, as views of the memory that they were decoded to. */
export function putAudio(event: unknown, { data }: SocketBlock, audio: SocketAudio): void {
  const { buffer, byteOffset, byteLength } = data;
  (event as Record<string, unknown>)[MEMBER] =
    audio === 'int16'
      ? new Int16Array(buffer, byteOffset, byteLength / Int16Array.BYTES_PER_ELEMENT)
      : Buffer.from(buffer, byteOffset, byteLength);
}
