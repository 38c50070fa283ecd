import { type ComponentType, lazy } from 'react';

/** Thrown if the script of a part of the page, or one that it imports, did not load. */
export class ScriptMissingError extends Error {
  constructor(cause: unknown) {
    super((cause as Error).message, { cause });
    this.name = 'ScriptMissingError';
  }
}

type Loader<P> = () => Promise<{ default: ComponentType<P> }>;

const parts: { prefetch: () => void }[] = [];

/** Loads the scripts of all parts, so that they show at once, and are available offline later. */
export function prefetchParts(): void {
  for (const part of parts) part.prefetch();
}

/** A part of the page whose script loads when it is needed; `<LazyBody>` shows it. */
export class LazyPart<P = object> {
  private readonly loader: Loader<P>;
  private arrived: ComponentType<P> | null = null;
  private coming: ComponentType<P>;

  constructor(loader: Loader<P>) {
    this.loader = loader;
    this.coming = lazy(() => this.load());
    parts.push(this);
  }

  /** Says whether the script has loaded, so that the part shows at once. */
  get hasArrived(): boolean {
    return this.arrived !== null;
  }

  /**
   * The component. Before the script has loaded it is one that suspends, and throws {@link ScriptMissingError} if the
   * script does not load; keep it for as long as the part is shown, since another component would lose its state.
   */
  get component(): ComponentType<P> {
    return this.arrived ?? this.coming;
  }

  /** Requests the script again after a failure, which React and Vite would remember, and returns the component. */
  renewed(): ComponentType<P> {
    this.coming = lazy(() => renewStyles().then(() => this.load()));
    return this.component;
  }

  /** Loads the script ahead of use. One that fails is requested again when it is needed. */
  prefetch(): void {
    void this.load().catch(() => undefined);
  }

  private async load(): Promise<{ default: ComponentType<P> }> {
    try {
      const module = await this.loader();
      this.arrived = module.default;
      return module;
    } catch (cause) {
      throw new ScriptMissingError(cause);
    }
  }
}

/** Requests failed style sheets again, each by a copy of its element, since other code may still wait for the first. */
async function renewStyles(): Promise<void> {
  const links = document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]');
  const missing = Array.from(links).filter(({ sheet }) => sheet === null);
  await Promise.all(
    missing.map((link) => {
      const again = link.cloneNode() as HTMLLinkElement;
      const arrived = new Promise((resolve, reject) => {
        again.onload = resolve;
        again.onerror = () => reject(new ScriptMissingError(new Error(link.href)));
      });
      link.after(again);
      return arrived;
    }),
  );
}
