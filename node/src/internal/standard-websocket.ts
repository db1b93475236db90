/** A WebSocket that behaves as those of browsers do. */

import { LONGEST_REASON, Socket } from './websocket.js';

/** A connection that behaves where the two kinds differ as those of browsers do. */
export class StandardSocket extends Socket {
  override binaryType = 'blob';

  protected override notOpen(): Error {
    return new DOMException('Sent before connected.', 'InvalidStateError');
  }

  protected override checkClose(code: number | undefined, bytes: number): void {
    const isRight = code === undefined || code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999);
    if (!isRight) throw new DOMException('invalid code', 'InvalidAccessError');
    if (bytes > LONGEST_REASON) {
      throw new DOMException(`Reason must be less than 123 bytes; received ${bytes}`, 'SyntaxError');
    }
  }

  protected override adapted(type: string, values: unknown[]): unknown[] {
    const isBlob = type === 'message' && values[1] === true && this.binaryType === 'blob';
    return isBlob ? [new Blob([values[0] as Uint8Array<ArrayBuffer>]), true] : super.adapted(type, values);
  }

  protected override readable(data: Buffer, isBinary: boolean): string {
    return isBinary ? '[object Blob]' : this.shown(super.readable(data, isBinary));
  }

  protected override shown(text: string): string {
    // Browsers decode what comes, which takes a byte order mark for none of its text.
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  protected override get tellsWhileClosing(): boolean {
    return false;
  }

  protected override get brokenIsError(): boolean {
    return true;
  }
}
