import type { Browser, CDPSession } from '@playwright/test';

/**
 * JS heaps of a page and of its workers, through the DevTools protocol. After a garbage collection it counts objects
 * and the contents of buffers outside the heap. Playwright's own sessions do not reach the workers of workers.
 */
export class Heaps {
  private readonly root: CDPSession;
  private readonly sessions = new Map<string, string>();
  private readonly waiting = new Map<number, (result: unknown) => void>();
  private calls = 0;

  private constructor(root: CDPSession) {
    this.root = root;
    root.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message) as { id: number; result: unknown };
      this.waiting.get(id)?.(result);
      this.waiting.delete(id);
    });
  }

  static async open(browser: Browser): Promise<Heaps> {
    return new Heaps(await browser.newBrowserCDPSession());
  }

  /**
   * Bytes of each heap by the name of its script, `page` for the page. Skips threads of WebAssembly, which never
   * answer.
   */
  async measure(): Promise<Record<string, number>> {
    const { targetInfos } = await this.root.send('Target.getTargets', { filter: [{}] });
    const bytes: Record<string, number> = {};
    for (const { type, url, targetId } of targetInfos) {
      const name = type === 'page' ? 'page' : /([a-z]+\.worker)/.exec(url)?.[1];
      if (name === undefined || (type !== 'page' && type !== 'worker')) continue;
      await this.ask(targetId, 'HeapProfiler.collectGarbage');
      const { usedSize, backingStorageSize } = await this.ask(targetId, 'Runtime.getHeapUsage');
      bytes[name] = (bytes[name] ?? 0) + usedSize! + backingStorageSize!;
    }
    return bytes;
  }

  private async ask(targetId: string, method: string): Promise<Record<string, number>> {
    let sessionId = this.sessions.get(targetId);
    if (sessionId === undefined) {
      ({ sessionId } = await this.root.send('Target.attachToTarget', { targetId, flatten: false }));
      this.sessions.set(targetId, sessionId);
    }
    this.calls += 1;
    const id = this.calls;
    const answer = new Promise<unknown>((resolve) => this.waiting.set(id, resolve));
    await this.root.send('Target.sendMessageToTarget', {
      sessionId,
      message: JSON.stringify({ id, method }),
    });
    return (await answer) as Record<string, number>;
  }
}
