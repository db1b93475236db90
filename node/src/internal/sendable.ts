/** What can go over a socket. */

/** What a socket sends. */
export type Sendable = string | ArrayBufferLike | ArrayBufferView;

/** A message as native code takes it; its own copy of bytes. */
export function sendable(data: unknown): string | Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data).slice();
  return data === undefined || data === null ? '' : String(data as string);
}

/** Whether an endpoint may send a close frame with this code. */
export function sendableCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
}
