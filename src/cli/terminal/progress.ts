import type { WriteStream } from 'node:tty';

const INTERVAL_MS = 200;

/** One line on a terminal that is overwritten again and again. Writes nothing to anything else (a file, a pipe). */
export class ProgressLine {
  private readonly stream: WriteStream;
  private shownAt = 0;

  constructor(stream: WriteStream) {
    this.stream = stream;
  }

  /** Shows a text in place of the previous one, at most five times a second. */
  show(text: string): void {
    const now = Date.now();
    if (!this.stream.isTTY || now - this.shownAt < INTERVAL_MS) return;
    this.shownAt = now;
    this.stream.write(`\r\x1b[2K${text.slice(0, this.stream.columns - 1)}`);
  }

  /** Removes the line. */
  clear(): void {
    if (this.stream.isTTY && this.shownAt > 0) this.stream.write('\r\x1b[2K');
  }
}
