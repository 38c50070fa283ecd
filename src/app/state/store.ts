/** A state that can be read and observed. It is replaced, never changed in place. */
export interface Readable<S> {
  readonly getState: () => S;
  /** Adds a listener. @returns a function that removes it. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A state of which one part of a store may change only the fields `K`. */
export interface Writable<S, K extends keyof S> extends Pick<Readable<S>, 'getState'> {
  /** Changes fields and calls the listeners at once. */
  readonly set: (change: Partial<Pick<S, K>>) => void;
  /** Changes fields at once and calls the listeners within `delay` ms. */
  readonly setSoon: (change: Partial<Pick<S, K>>, delay?: number) => void;
}

/** The base of every store: its state and its listeners. Only the store and its parts can change the state. */
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

  /** Resolves once the state meets a condition. */
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

  /** Changes some fields and calls the listeners. */
  protected readonly set = (change: Partial<S>): void => {
    this.current = { ...this.current, ...change };
    this.notify();
  };

  /** Changes some fields at once. The listeners learn of it, and of later changes, within `delay` ms. */
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
