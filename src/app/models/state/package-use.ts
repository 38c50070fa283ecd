import { TiebreakError } from '../../../domain/errors.ts';

const PREFIX = 'tiebreak-page-uses-';

/**
 * Tells other pages, by a Web Lock, which stored package this one has loaded. The locks that workers hold on its files
 * do not tell whose they are.
 */
export class PackageUse {
  private readonly locks: Pick<LockManager, 'request' | 'query'> | undefined;
  private id: string | null = null;
  private letGo: () => void = () => undefined;

  /** `locks`: undefined where the browser has none; then nothing is stored either. */
  constructor(locks: Pick<LockManager, 'request' | 'query'> | undefined) {
    this.locks = locks;
  }

  /** Notes what this page has loaded; null for no stored package. */
  note(id: string | null): void {
    if (id === this.id) return;
    this.letGo();
    this.id = id;
    if (id === null || this.locks === undefined) return;
    const held = new Promise<void>((resolve) => {
      this.letGo = resolve;
    });
    // A lock that is refused only lets the package be asked for in vain.
    this.locks.request(PREFIX + id, { mode: 'shared' }, () => held).catch(() => undefined);
  }

  /** @throws TiebreakError `packages/busy` when another page has loaded a package. */
  async checkElsewhere(id: string): Promise<void> {
    const { held = [] } = (await this.locks?.query()) ?? {};
    const pages = held.filter(({ name }) => name === PREFIX + id).length;
    if (pages <= (id === this.id ? 1 : 0)) return;
    throw new TiebreakError('packages/busy', { params: { mode: 'exclusive' } });
  }
}
