import type { Progress, RunEvent } from './events.ts';

/** Messages to the page at most this often: often enough to look alive, seldom enough to leave it time. */
const INTERVAL_MS = 100;

type ReadingEvent = Extract<RunEvent, { type: 'reading' }>;

/** Gathers events and sends them about ten times a second; of progress only the last. */
export class EventBuffer {
  private readonly send: (events: RunEvent[]) => void;
  private events: RunEvent[] = [];
  private last: RunEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (events: RunEvent[]) => void) {
    this.send = send;
  }

  /** Queues an event that must not be lost. */
  add(event: RunEvent): void {
    this.events.push(event);
    this.schedule();
  }

  /** Queues progress in place of older progress. */
  progress(progress: Progress): void {
    this.last = [{ type: 'progress', progress }];
    this.schedule();
  }

  /** Queues how far reading is, in place of older news of it. */
  reading(event: Omit<ReadingEvent, 'type'>): void {
    this.last = [{ type: 'reading', ...event }];
    this.schedule();
  }

  /** Sends what is queued now. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = [...this.events, ...this.last];
    this.events = [];
    this.last = [];
    if (events.length > 0) this.send(events);
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => this.flush(), INTERVAL_MS);
  }
}
