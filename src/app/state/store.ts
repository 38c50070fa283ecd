/** A state that can be read and followed. The state is replaced, never changed in place. */
export interface Readable<S> {
  readonly getState: () => S;
  /** @returns what ends it. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A state of which one part of a store may change the fields `K`, and no others. */
export interface Writable<S, K extends keyof S> extends Pick<Readable<S>, 'getState'> {
  /** Tells the listeners at once. */
  readonly set: (change: Partial<Pick<S, K>>) => void;
  /** Tells the listeners up to `delay` ms later. */
  readonly setSoon: (change: Partial<Pick<S, K>>, delay?: number) => void;
}

/** The base of every store: what it holds, and who listens. Only the store and its parts can change it. */
export class Store<S extends object> implements Readable<S> {
  private current: S;
  private readonly listeners = new Set<() => void>();
  private pending: ReturnType<typeof setTimeout> | undefined;

  constructor(initial: S) {
    this.current = initial;
  }

  protected get state(): S {
    return this.current;
  }

  readonly getState = (): S => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Settles once the state fulfils a condition. */
  until(holds: (state: S) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds(this.current)) return;
        stop();
        resolve();
      };
      const stop = this.subscribe(look);
      look();
    });
  }

  /** Changes some fields and tells the listeners. */
  protected readonly set = (change: Partial<S>): void => {
    this.current = { ...this.current, ...change };
    this.notify();
  };

  /** Changes some fields at once; the listeners hear of it, and of what follows, up to `delay` ms later. */
  protected readonly setSoon = (change: Partial<S>, delay = 0): void => {
    this.current = { ...this.current, ...change };
    this.pending ??= setTimeout(this.notify, delay);
  };

  private readonly notify = (): void => {
    clearTimeout(this.pending);
    this.pending = undefined;
    for (const listener of this.listeners) listener();
  };
}
