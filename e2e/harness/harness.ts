import type { Device } from '../../src/engine/backend.ts';
import type { EngineInfo } from '../../src/engine/engine.ts';
import { EngineLane } from '../../src/run/engine-lane.ts';

/** What the page offers to the tests: the engine in its worker, without the screens. */
export interface Harness {
  /** Logits of token rows for each adapter in turn, from one load of the package. */
  logits(
    packageUrl: string,
    device: Device,
    adapters: (string | null)[],
    rows: number[][],
  ): Promise<{ info: EngineInfo; logits: number[][] }>;
}

const harness: Harness = {
  async logits(packageUrl, device, adapters, rows) {
    const url = new URL(packageUrl, document.baseURI).href;
    const lane = await EngineLane.start({ source: { kind: 'url', url }, device }, () => {});
    try {
      const logits: number[][] = [];
      for (const adapter of adapters) {
        await lane.setAdapter(adapter);
        logits.push([...(await lane.logits(rows.map((row) => Int32Array.from(row))))]);
      }
      return { info: lane.info, logits };
    } finally {
      lane.close();
    }
  },
};

Object.assign(window, { harness });
