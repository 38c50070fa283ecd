import type { PlainError } from '../../domain/errors.ts';
import type { Progress, RunEvent } from '../events.ts';
import type { Incident } from '../lanes/lane-events.ts';
import type { ResultsEvent, RowsEvent } from '../rows/row-events.ts';

/** Messages to the page at most this often: often enough to look alive, seldom enough to leave it time. */
const INTERVAL_MS = 100;
/** Rows or results of one message: so many the page takes in within a few milliseconds. */
const MAX_ROWS = 5000;

type ReadingEvent = Extract<RunEvent, { type: 'reading' }>;
type BulkEvent = RowsEvent | ResultsEvent;

/**
 * Gathers events and sends them about ten times a second, at most {@link MAX_ROWS} rows at a time; what is more waits
 * for its turn. Of progress only the last of a message is sent.
 */
export class EventBuffer {
  private readonly send: (events: RunEvent[]) => void;
  private queue: RunEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (events: RunEvent[]) => void) {
    this.send = send;
  }

  /** Queues rows or results: none of them may be lost. */
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

  /** Queues that the run rests, and why if it was not the user's wish. */
  rest(error: PlainError | null): void {
    this.enqueue({ type: 'rest', error });
  }

  /** Queues that the run is not written down. */
  unjournaled(error: PlainError): void {
    this.enqueue({ type: 'unjournaled', error });
  }

  /** Queues progress in place of older progress. */
  progress(progress: Progress): void {
    this.replace({ type: 'progress', progress });
  }

  /** Queues how far reading is, in place of older news of it. */
  reading(event: Omit<ReadingEvent, 'type'>): void {
    this.replace({ type: 'reading', ...event });
  }

  /** Sends what is queued now, in several messages if it is much. */
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

/** Events of which a newer one makes an older one useless. */
function isNews(event: RunEvent): boolean {
  return event.type === 'progress' || event.type === 'reading';
}

function rowsOf(event: RunEvent): number {
  if (event.type === 'rows') return event.ids.length;
  return event.type === 'results' ? event.rows.length : 0;
}

/** Some rows of an event, copied: of a view of a buffer the whole buffer would be sent. */
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
  const { forward, adapters } = event;
  const perRow = (adapters?.length ?? 0) / event.rows.length;
  return {
    type: 'results',
    rows: event.rows.slice(start, end),
    probabilities: event.probabilities.slice(3 * start, 3 * end),
    ...(forward === undefined ? {} : { forward: forward.slice(3 * start, 3 * end) }),
    ...(adapters === undefined ? {} : { adapters: adapters.slice(perRow * start, perRow * end) }),
    tokens: event.tokens.slice(start, end),
    flags: event.flags.slice(start, end),
  };
}
