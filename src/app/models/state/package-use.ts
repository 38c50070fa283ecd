import { TiebreakError } from '../../../domain/errors.ts';

const PREFIX = 'tiebreak-page-uses-';

/**
 * Tells other pages through a Web Lock which stored package this page has loaded. Workers hold locks on its files, but
 * those do not tell the page.
 */
export class PackageUse {
  private readonly locks: Pick<LockManager, 'request' | 'query'> | undefined;
  private id: string | null = null;
  private letGo: () => void = () => undefined;

  /** @param locks undefined if the browser has none, and so no stored packages either. */
  constructor(locks: Pick<LockManager, 'request' | 'query'> | undefined) {
    this.locks = locks;
  }

  /** Records the package that this page has loaded; null for a model that is not stored. */
  note(id: string | null): void {
    if (id === this.id) return;
    this.letGo();
    this.id = id;
    if (id === null || this.locks === undefined) return;
    const held = new Promise<void>((resolve) => {
      this.letGo = resolve;
    });
    // Without the lock, another page may only try in vain to get the package.
    this.locks.request(PREFIX + id, { mode: 'shared' }, () => held).catch(() => undefined);
  }

  /** @throws TiebreakError `packages/busy` if another page has loaded the package. */
  async checkElsewhere(id: string): Promise<void> {
    const { held = [] } = (await this.locks?.query()) ?? {};
    const pages = held.filter(({ name }) => name === PREFIX + id).length;
    if (pages <= (id === this.id ? 1 : 0)) return;
    throw new TiebreakError('packages/busy', { params: { mode: 'exclusive' } });
  }
}
