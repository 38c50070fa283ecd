import { beforeEach, describe, expect, test } from 'vitest';
import { toKaggleCsv } from '../../../src/data/csv/kaggle.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import type { FoundGpu } from '../../../src/engine/device/gpus.ts';
import type { EngineInfo } from '../../../src/engine/engine.ts';
import { planModel } from '../../../src/engine/model-plan.ts';
import { planCpu } from '../../../src/engine/planning/cpu-memory.ts';
import type { PlannedModel } from '../../../src/engine/planning/planned-model.ts';
import { parseConfig } from '../../../src/model/config.ts';
import type { RunEvent } from '../../../src/scoring/events.ts';
import { RunArchive } from '../../../src/scoring/journal/run-archive.ts';
import type { JournalRequest } from '../../../src/scoring/journal/start-journal.ts';
import { budgetOf } from '../../../src/scoring/lanes/gpu-budget.ts';
import { planOf } from '../../../src/scoring/lanes/lane.ts';
import type { LoadProgress, ModelRequest } from '../../../src/scoring/lanes/model-request.ts';
import type { ModelLane } from '../../../src/scoring/lanes/start-lanes.ts';
import { RunService } from '../../../src/scoring/worker/run-service.ts';
import { inlinePool } from '../../../src/tokens/pool/pool.ts';
import { errorOf } from '../../../testing/errors.ts';
import { FAST, SLOW } from '../../../testing/gpu-facts.ts';
import { MemoryRuns } from '../../../testing/memory-runs.ts';
import { FakeLane, makeRows, toyTokenizer } from '../../../testing/runs.ts';
import { config9b } from '../../../testing/synthetic.ts';

class GpuLane extends FakeLane implements ModelLane {
  override readonly info: EngineInfo;
  readonly model: ModelLane['model'];
  readonly gpu: FoundGpu | undefined;
  adapters: (string | null)[] = [];
  dead = false;

  constructor(gpu: FoundGpu | undefined) {
    super();
    this.gpu = gpu;
    this.info = {
      model: 'fake',
      device: 'webgpu',
      computesOn: `${gpu?.name ?? 'only'} (WebGPU)`,
      executor: 'ort',
      variant: null,
      precision: 'float32',
      softCap: 50,
    } as EngineInfo;
    const sha256 = 'f'.repeat(64);
    this.model = {
      name: 'a',
      sha256,
      notice: null,
      adapters: [],
      baseHasHead: true,
      flops: { token: 1000, square: 10 },
      engine: this.info,
    };
  }

  async setAdapters(names: (string | null)[]): Promise<void> {
    failures.get(`adapters ${this.gpu?.name}`)?.();
    this.adapters = names;
  }

  override async logits(rows: Int32Array[], signal?: AbortSignal): Promise<Float32Array> {
    failures.get(`logits ${this.gpu?.name}`)?.();
    onLogits();
    await new Promise((resolve) => setTimeout(resolve));
    return super.logits(rows, signal);
  }

  close(): void {
    this.dead = true;
  }
}

const fail = () => {
  throw errorOf('gpu/device', 'The GPU gave no device.');
};

let started: GpuLane[];
/** The requests from which lanes were started. */
let requests: ModelRequest[];
/** Layers for which the fast GPU has room. */
let fits: number;
let gpus: FoundGpu[];
/** Errors by step and GPU. */
let failures: Map<string, () => never>;
let runs: MemoryRuns;
/** Tokens of a batch for which the CPU has room; null if it has none. */
let cpuTokens: number | null;
/** Called before each batch on any lane. */
let onLogits: () => void;

beforeEach(() => {
  started = [];
  requests = [];
  fits = 42;
  gpus = [FAST, SLOW];
  failures = new Map();
  runs = new MemoryRuns();
  onLogits = () => {};
  cpuTokens = 4096;
});

const rows = makeRows(120, 5);

const REQUEST = { source: { kind: 'url', url: 'http://x/' } } as const;

/** Layers of a 9B model: 111 MB each; a batch takes about a gigabyte. */
const MODEL: PlannedModel = {
  config: parseConfig(config9b(42, 256_000)),
  quantization: 'nf4',
  adapters: [
    { targets: new Set(), scoreBytes: 43_008, rank: 1, layerBytes: new Array(42).fill(0) },
  ],
};

/** @param model undefined for no plan. */
async function page(request: Partial<ModelRequest> = { lanes: 'all' }, model?: PlannedModel) {
  const progress: LoadProgress[] = [];
  const service = new RunService(
    {
      lane: async (asked, onProgress) => {
        const { gpu, split, mayStream } = asked;
        requests.push(asked);
        failures.get(split === undefined ? `load ${gpu?.name}` : 'split')?.();
        if (mayStream === false && fits < 42) {
          onProgress({ step: 'weights', fraction: fits / 42, layers: fits, total: 42 });
          throw errorOf('gpu/out-of-memory', 'short');
        }
        onProgress({ step: 'weights', fraction: gpu === SLOW ? 0.5 : 1 });
        const lane = new GpuLane(gpu);
        started.push(lane);
        return lane;
      },
      pool: async () => inlinePool(toyTokenizer),
      gpus: async () => gpus,
      ...(model && {
        planCpu: async ({ maxLength = 2048 }) => {
          if (cpuTokens === null) throw errorOf('plan/cpu', 'too small');
          return planCpu({ model, maxLength, batchTokens: cpuTokens });
        },
        plan: async (asked, found) => {
          const { maxLength = 2048, lanes } = asked;
          const budgets = found.map((gpu) => budgetOf(asked, gpu));
          return planModel({ model, gpus: found, maxLength, lanes, budgets });
        },
      }),
    },
    new RunArchive(runs),
  );
  const source = { kind: 'url', url: 'http://x/' } as const;
  const info = await service.loadModel({ source, load: 1, ...request }, (step) =>
    progress.push(step),
  );
  await service.openCsv(new File([toKaggleCsv(rows)], 't.csv'), DEFAULT_SETTINGS, () => {});
  return { service, info, progress };
}

async function score(service: RunService, journal?: JournalRequest) {
  const events: RunEvent[] = [];
  const summary = await service.start(
    { adapters: [null], settings: DEFAULT_SETTINGS, journal },
    (some) => events.push(...some),
  );
  const incidents = events.flatMap((event) => (event.type === 'incident' ? [event.incident] : []));
  return { summary, events, incidents };
}

const exported = async (service: RunService) => (await service.exportCsv('omit')).text();

describe('loading on every GPU', () => {
  test('starts a lane on each, and progress is that of the one behind', async () => {
    const { info, progress } = await page();
    expect(started.map(({ gpu }) => gpu)).toEqual([FAST, SLOW]);
    expect(info.lanes).toMatchObject([{ name: 'fast' }, { name: 'slow' }]);
    expect(info.gpus).toEqual(gpus);
    expect(progress.filter(({ step }) => step === 'weights').at(-1)?.fraction).toBe(0.5);
  });

  test('is not done unless asked for, but the GPUs are named', async () => {
    const { info } = await page({});
    expect(started.map(({ gpu }) => gpu)).toEqual([undefined]);
    expect(info.gpus).toEqual(gpus);
    expect(info.lanes).toHaveLength(1);
  });

  test('leaves out one that fails and says why', async () => {
    failures.set('load slow', fail);
    const { info, service } = await page();
    expect(info.lanes[1]).toMatchObject({
      name: 'slow',
      engine: null,
      error: { code: 'gpu/device' },
    });
    expect((await score(service)).summary).toMatchObject({ complete: true });
  });

  test('goes on with the second where the first fails', async () => {
    failures.set('load fast', fail);
    const { info } = await page();
    expect(info.engine.computesOn).toBe('slow (WebGPU)');
    expect(info.lanes[0]).toMatchObject({ name: 'fast', engine: null });
  });

  test('fails where all of them fail', async () => {
    failures.set('load fast', fail).set('load slow', fail);
    await expect(page()).rejects.toMatchObject({ code: 'gpu/device' });
  });
});

describe('a model that is too large for one GPU', () => {
  const SPLIT = { lanes: 'auto' } as const;
  /** The requests for lanes, in short. */
  const asked = () => requests.map(({ gpu, split, mayStream }) => [gpu, split?.at, mayStream]);

  test('is shared by two if the budget of one demands it', async () => {
    const { info } = await page({ ...SPLIT, budgets: { fast: 3e9, slow: 3e9 } }, MODEL);
    expect(info.plan).toMatchObject({ lanes: 'split' });
    expect(asked()).toEqual([[undefined, 21, undefined]]);
    expect(requests[0]!.split).toMatchObject({ gpus: [FAST, SLOW], layers: 42 });
  });

  test('is shared by two where loading shows that one is too small', async () => {
    fits = 25;
    const { info, service } = await page(SPLIT, MODEL);
    expect(info.plan).toMatchObject({ lanes: 'split' });
    const [first, second] = requests;
    expect(first).toMatchObject({ mayStream: false });
    expect(second!.split!.at).toBeGreaterThan(0);
    // A batch must fit beside them.
    expect(second!.split!.at).toBeLessThan(25);
    expect(second!.mayStream).toBeUndefined();
    // A later plan knows it too.
    const request = { source: { kind: 'url', url: 'http://x/' }, load: 1, ...SPLIT } as const;
    expect((await service.planModel(request)).plan).toEqual(info.plan);
    // Another model has no such knowledge.
    const fresh = (await service.planModel({ ...request, load: 2 })).plan;
    expect(fresh).toMatchObject({ lanes: 'one', gpus: [{ budgetBytes: null }] });
    expect((await score(service)).summary.complete).toBe(true);
    // A lane that was closed is restarted unchanged.
    started.at(-1)!.close();
    await score(service);
    expect(requests.at(-1)!.split).toEqual(second!.split);
  });

  test('in a dropped folder is not taken for another folder with files of the same names', async () => {
    fits = 25;
    const dropped = (load: number) => {
      const files = [{ path: 'model.safetensors', file: new File([`${load}`], 'a') }];
      return structuredClone({ source: { kind: 'files', label: 'model', files } as const, load });
    };
    const { service, info } = await page({ ...SPLIT, ...dropped(1) }, MODEL);
    expect(info.plan).toMatchObject({ lanes: 'split' });
    const planned = async (load: number) =>
      (await service.planModel({ ...SPLIT, ...dropped(load) })).plan?.lanes;
    expect([await planned(1), await planned(2)]).toEqual(['split', 'one']);
  });

  test('is read again by one where two do not do either', async () => {
    fits = 25;
    failures.set('split', () => {
      throw errorOf('gpu/out-of-memory', 'short');
    });
    const { info } = await page(SPLIT, MODEL);
    expect(info.plan).toMatchObject({ lanes: 'one' });
    expect(requests.at(-1)!.split).toBeUndefined();
    expect(requests.at(-1)!.mayStream).not.toBe(false);
    expect(info.lanes).toMatchObject([
      { error: null },
      { name: 'fast + slow', engine: null, error: { code: 'gpu/out-of-memory' } },
    ]);
  });

  test('is read again by one, within its bound, where a GPU of two fails, and that is said', async () => {
    failures.set('split', fail);
    const { info } = await page({ ...SPLIT, budgets: { fast: 3e9, slow: 3e9 } }, MODEL);
    expect(info.plan).toMatchObject({ lanes: 'one' });
    expect(requests.at(-1)!.resident).toBe(info.plan!.gpus[0]!.residentLayers);
    expect(info.plan!.gpus[0]!.streamedBytes).toBeGreaterThan(0);
    expect(info.lanes[1]).toMatchObject({ name: 'fast + slow', error: { code: 'gpu/device' } });
    // An explicit request is never replaced by something else.
    await expect(page({ lanes: 'split' }, MODEL)).rejects.toMatchObject({ code: 'gpu/device' });
  });

  test('is refused before anything is loaded where it cannot fit', async () => {
    await expect(page({ budgets: { fast: 10, slow: 10 } }, MODEL)).rejects.toMatchObject({
      code: 'plan/no-room',
    });
    expect(requests).toEqual([]);
  });

  test('keeps a run from starting whose rows leave no room for the layers that are there', async () => {
    const { service, info } = await page(
      { lanes: 'one', maxLength: 64, budgets: { fast: 4.8e9 } },
      MODEL,
    );
    const long = { ...DEFAULT_SETTINGS, maxLength: 2048 };
    const start = (settings: typeof long) =>
      service.start({ adapters: [null], settings }, () => {});
    await expect(start(long)).rejects.toMatchObject({
      code: 'plan/reload',
      message: expect.stringMatching(/^With a max_length of 2048/),
    });
    expect(info.plan!.gpus[0]!.residentLayers).toBe(42);
    expect((await start({ ...long, maxLength: 64 })).complete).toBe(true);
  });
});

describe('on the CPU', () => {
  test('batches are those that fit, and what does not fit is refused before it is loaded', async () => {
    gpus = [];
    const { service } = await page({}, MODEL);
    const batches = async (maxLength: number) => {
      const settings = { ...DEFAULT_SETTINGS, maxLength };
      const before = started[0]!.batches.length;
      await service.start({ adapters: [null], settings }, () => {});
      return started[0]!.batches.slice(before);
    };
    expect((await service.planModel(REQUEST)).cpu).toMatchObject({ batchTokens: 4096 });
    cpuTokens = 300;
    const small = await batches(100);
    cpuTokens = 4096;
    expect((await batches(100)).length).toBeLessThan(small.length);
    cpuTokens = null;
    const settings = DEFAULT_SETTINGS;
    await expect(service.start({ adapters: [null], settings }, () => {})).rejects.toMatchObject({
      code: 'plan/cpu',
    });
    expect(await service.planModel(REQUEST)).toMatchObject({
      cpu: null,
      error: { code: 'plan/cpu' },
    });
    const loads = requests.length;
    await expect(page({}, MODEL)).rejects.toMatchObject({ code: 'plan/cpu' });
    expect(requests).toHaveLength(loads);
    // A requested GPU is reported missing by its own name.
    await page({ device: 'webgpu' }, MODEL);
    expect(requests).toHaveLength(loads + 1);
  });
});

describe('a run on two GPUs', () => {
  test('gives the results of one, and says what each did', async () => {
    const alone = (await page({})).service;
    await score(alone);
    const { service } = await page();
    const { summary, events } = await score(service);
    expect(await exported(service)).toBe(await exported(alone));
    const { lanes, tokens } = summary;
    expect(lanes.map(({ computesOn }) => computesOn)).toEqual(['fast (WebGPU)', 'slow (WebGPU)']);
    expect(lanes.reduce((sum, lane) => sum + lane.tokens, 0)).toBe(tokens);
    for (const lane of lanes)
      expect(lane).toMatchObject({ ended: false, texts: expect.any(Number) });
    expect(lanes.every((lane) => lane.texts > 0 && lane.tokensPerSecond! > 0)).toBe(true);
    const progress = events.findLast(({ type }) => type === 'progress');
    expect(progress).toMatchObject({ progress: { lanes: [{}, {}] } });
    expect(summary.others).toMatchObject([{ computesOn: 'slow (WebGPU)' }]);
  });

  test('ends the one that fails; the other takes its work, and the next run tries it again', async () => {
    const { service } = await page();
    failures.set('logits slow', fail);
    const { summary, incidents } = await score(service);
    const { lanes, complete } = summary;
    expect(complete).toBe(true);
    expect(lanes).toMatchObject([{ ended: false }, { ended: true, tokens: 0 }]);
    expect(incidents.at(-1)).toMatchObject({ lane: 2, action: 'end' });
    failures.clear();
    const again = await score(service);
    expect(again.summary.lanes.every(({ tokens }) => tokens > 0)).toBe(true);
    expect(started).toHaveLength(3);
  });

  test('continues without one that cannot be restarted or accepts no adapters, and says so', async () => {
    for (const step of ['adapters', 'load']) {
      const { service } = await page();
      if (step === 'load') started.at(-1)!.close();
      failures.set(`${step} slow`, fail);
      const { summary, incidents } = await score(service);
      expect(summary).toMatchObject({ complete: true, lanes: [{ ended: false }] });
      expect(incidents).toMatchObject([{ lane: null, computesOn: 'slow (WebGPU)', action: 'end' }]);
      failures.clear();
    }
  });

  test('has larger batches where both allow them', () => {
    const lanes = [new GpuLane(FAST), new GpuLane(SLOW)];
    expect(planOf(lanes.slice(0, 1)).maxTokens).toBe(8192);
    expect(planOf(lanes).maxTokens).toBe(16_384);
    Object.assign(lanes[1]!.bounds, { maxTokens: 3000 });
    expect(planOf(lanes).maxTokens).toBe(3000);
  });
});

describe('a kept run of two GPUs', () => {
  const anew: JournalRequest = { kind: 'new', id: 'run' };
  const goOn: JournalRequest = { kind: 'continue', id: 'run', otherEngine: false };

  /** A run that is cancelled in its fourth batch. */
  async function half(request: Partial<ModelRequest>) {
    const { service } = await page(request);
    let batches = 0;
    onLogits = () => {
      batches += 1;
      if (batches === 4) void service.cancel();
    };
    const { complete, scoredRows } = (await score(service, anew)).summary;
    onLogits = () => {};
    expect([complete, scoredRows > 0]).toEqual([false, true]);
  }

  test('goes on with one of them without asking, and gives the same results', async () => {
    const whole = (await page()).service;
    await score(whole);
    await half({ lanes: 'all' });
    const { service } = await page({ lanes: 'all' });
    const { summary } = await score(service, goOn);
    expect(summary.complete).toBe(true);
    expect(await exported(service)).toBe(await exported(whole));
  });

  test('goes on with a GPU that it did not have only with the user’s word', async () => {
    gpus = [FAST];
    await half({});
    gpus = [FAST, SLOW];
    const { service } = await page();
    await expect(score(service, goOn)).rejects.toMatchObject({ code: 'journal/engine' });
    const { summary } = await score(service, { ...goOn, otherEngine: true });
    expect(summary.complete).toBe(true);
  });

  test('goes on where a GPU is missing', async () => {
    await half({ lanes: 'all' });
    gpus = [SLOW, FAST];
    failures.set('load slow', fail);
    const { service } = await page();
    expect(started.at(-1)!.info.computesOn).toBe('fast (WebGPU)');
    const { summary } = await score(service, goOn);
    expect(summary).toMatchObject({
      complete: true,
      engine: { computesOn: 'fast (WebGPU)' },
      others: [{ computesOn: 'slow (WebGPU)' }],
    });
  });
});
