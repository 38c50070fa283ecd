import type { PlainError } from '../../domain/errors.ts';
import type { Progress, RunEvent } from '../events.ts';
import type { Incident } from '../lanes/lane-events.ts';
import type { ResultsEvent, RowsEvent } from '../rows/row-events.ts';

/** Milliseconds between messages: few enough to look live, enough to leave the page time for other work. */
const INTERVAL_MS = 100;
/** Largest number of rows in one message, which the page can process within a few milliseconds. */
const MAX_ROWS = 5000;

type ReadingEvent = Extract<RunEvent, { type: 'reading' }>;
type BulkEvent = RowsEvent | ResultsEvent;

/**
 * Collects events and sends them about ten times a second, with at most {@link MAX_ROWS} rows in a message; further
 * ones wait for the next message. Of several reports of progress only the latest is sent.
 */
export class EventBuffer {
  private readonly send: (events: RunEvent[]) => void;
  private queue: RunEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (events: RunEvent[]) => void) {
    this.send = send;
  }

  /** Queues rows or results, none of which may be lost. */
  add(event: BulkEvent): void {
    const rows = rowsOf(event);
    if (rows <= MAX_ROWS) {
      this.enqueue(event);
      return;
    }
    for (let start = 0; start < rows; start += MAX_ROWS) {
      this.enqueue(part(event, start, start + MAX_ROWS));
    }
  }

  /** Queues an incident. */
  incident(incident: Incident): void {
    this.enqueue({ type: 'incident', incident });
  }

  /** Queues the event that the run rests; `error` is the reason unless the user paused it. */
  rest(error: PlainError | null): void {
    this.enqueue({ type: 'rest', error });
  }

  /** Queues the event that the run continues without a journal. */
  unjournaled(error: PlainError): void {
    this.enqueue({ type: 'unjournaled', error });
  }

  /** Queues progress in place of older progress. */
  progress(progress: Progress): void {
    this.replace({ type: 'progress', progress });
  }

  /** Queues the progress of reading, in place of older progress. */
  reading(event: Omit<ReadingEvent, 'type'>): void {
    this.replace({ type: 'reading', ...event });
  }

  /** Sends all queued events now, in as many messages as necessary. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.queue.length > 0) this.sendOne();
  }

  private replace(event: RunEvent): void {
    if (this.queue.at(-1)?.type === event.type) this.queue.pop();
    this.enqueue(event);
  }

  private enqueue(event: RunEvent): void {
    this.queue.push(event);
    this.schedule();
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.sendOne();
      if (this.queue.length > 0) this.schedule();
    }, INTERVAL_MS);
  }

  private sendOne(): void {
    let rows = 0;
    let count = 0;
    for (const event of this.queue) {
      rows += rowsOf(event);
      if (rows > MAX_ROWS) break;
      count += 1;
    }
    const events = this.queue.splice(0, count);
    const last = events.findLast(isNews);
    this.send(events.filter((event) => !isNews(event) || event === last));
  }
}

/** True for events that a newer one of the same kind makes useless. */
function isNews(event: RunEvent): boolean {
  return event.type === 'progress' || event.type === 'reading';
}

function rowsOf(event: RunEvent): number {
  if (event.type === 'rows') return event.ids.length;
  return event.type === 'results' ? event.rows.length : 0;
}

/** Copies some rows of an event: structured cloning of a view would send its whole buffer. */
function part(event: BulkEvent, start: number, end: number): BulkEvent {
  if (event.type === 'rows') {
    return {
      type: 'rows',
      first: event.first + start,
      ids: event.ids.slice(start, end),
      excerpts: event.excerpts.slice(start, end),
      flags: event.flags.slice(start, end),
    };
  }
  const { forward, adapters, rewards } = event;
  const perRow = (adapters?.length ?? 0) / event.rows.length;
  const rewardsPerRow = (rewards?.length ?? 0) / event.rows.length;
  return {
    type: 'results',
    rows: event.rows.slice(start, end),
    probabilities: event.probabilities.slice(3 * start, 3 * end),
    ...(forward === undefined ? {} : { forward: forward.slice(3 * start, 3 * end) }),
    ...(adapters === undefined ? {} : { adapters: adapters.slice(perRow * start, perRow * end) }),
    ...(rewards === undefined
      ? {}
      : { rewards: rewards.slice(rewardsPerRow * start, rewardsPerRow * end) }),
    tokens: event.tokens.slice(start, end),
    flags: event.flags.slice(start, end),
  };
}
