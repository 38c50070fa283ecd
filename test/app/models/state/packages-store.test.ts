import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Folder,
  folderOfFiles,
  folderOfHandle,
} from '../../../../src/app/models/folders/folders.ts';
import { packagesExpected } from '../../../../src/app/models/state/packages-hint.ts';
import {
  canImport,
  knownOffer,
  knownPlan,
  wantsAdapter,
} from '../../../../src/app/models/state/packages-state.ts';
import { PackagesStore } from '../../../../src/app/models/state/packages-store.ts';
import { PACKAGES_WORKER_DEAD } from '../../../../src/packages/client.ts';
import type { ModelSource } from '../../../../src/scoring/lanes/model-source.ts';
import { errorOf } from '../../../../testing/errors.ts';
import { turn } from '../../../../testing/fake-api.ts';
import {
  FakePackages,
  folderHandle,
  importPlan,
  packageOffer,
  partialPackage,
  storedPackage,
} from '../../../../testing/fake-packages.ts';

const cancelled = { code: 'run/cancelled', message: 'Cancelled.' };
const broken = { code: 'model/config', message: 'config.json is not JSON.' };
const gated = { code: 'storage/denied', message: 'The hub wants a token.' };
const TOKEN = 'hf_secret';

let api: FakePackages;
let kept: Map<string, string>;
let loaded: ModelSource[];
let released: string[];
let running: boolean;
let announced: number;
let store: PackagesStore;
const state = () => store.getState();

beforeEach(() => {
  api = new FakePackages();
  kept = new Map();
  loaded = [];
  released = [];
  running = false;
  announced = 0;
  store = new PackagesStore({
    client: api,
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, text) => void kept.set(key, text),
    },
    load(source) {
      if (!running) loaded.push(source);
      return !running;
    },
    release: async (id) => void released.push(id),
    persist: async () => true,
    announce: () => {
      announced += 1;
    },
  });
});

function folder(label: string, ...paths: string[]): Promise<Folder | null> {
  const files = paths.map((path) => ({ path, file: new File([path], path.split('/').at(-1)!) }));
  return Promise.resolve(folderOfFiles(label, files));
}

const checkpoint = () => folder('gemma', 'config.json', 'model.safetensors');
const adapter = (name: string) => folder(name, 'adapter_config.json', 'adapter_model.safetensors');

/** Chooses a checkpoint and an adapter, and waits for the plan. */
async function prepare(): Promise<void> {
  await store.list.refresh();
  await store.form.takeFolder('base', checkpoint());
  await store.form.takeFolder('adapter', adapter('lora'));
  await turn();
  await api.plans[0]!.fail(cancelled);
  await api.plans[1]!.answer(importPlan());
}

describe('choosing', () => {
  test('a checkpoint is planned at once and names the model', async () => {
    api.stored = [storedPackage('1', { name: 'gemma' })];
    await store.list.refresh();
    await store.form.takeFolder('base', checkpoint());
    await turn();
    expect(state().plan).toEqual({ status: 'asking', last: null });
    expect(state().form.name).toBe('gemma-2');
    expect(api.plans[0]!.args).toMatchObject({
      request: { name: 'gemma-2', base: { kind: 'files', label: 'gemma' }, adapters: [] },
      token: null,
    });
    await api.plans[0]!.answer(importPlan());
    expect(state().plan.status).toBe('ready');
    expect(canImport(state())).toBe(true);
  });

  test('a checkpoint without a score head asks for its adapter', async () => {
    await store.form.takeFolder('base', checkpoint());
    await api.plans[0]!.fail({ code: 'model/no-score', message: 'No head.' });
    expect(wantsAdapter(state())).toBe(true);
    expect(canImport(state())).toBe(false);
    await store.form.takeFolder('adapter', adapter('lora'));
    expect(wantsAdapter(state())).toBe(false);
    await turn();
    await api.plans[1]!.fail({ code: 'model/no-score', message: 'No head.' });
    expect(wantsAdapter(state())).toBe(false);
  });

  test('only the latest plan counts, and the one before is stopped', async () => {
    await store.form.takeFolder('base', checkpoint());
    store.form.setChoices({ quant: 'int4' });
    store.form.setChoices({ quant: 'none', embedding: 'int8', softCap: null });
    expect(api.cancels).toBe(2);
    await turn();
    expect(api.plans).toHaveLength(1);
    await api.plans[0]!.answer(importPlan());
    expect(state().plan.status).toBe('asking');
    expect(api.plans).toHaveLength(2);
    expect(api.plans[1]!.args.request).toMatchObject({
      quant: 'none',
      embedding: 'int8',
      softCap: null,
    });
  });

  test('while another plan is asked for, the last one stays to be seen', async () => {
    await prepare();
    store.form.setChoices({ embedding: 'int8' });
    expect(state().plan.status).toBe('asking');
    expect(knownPlan(state().plan)?.facts.layers).toBe(42);
    expect(canImport(state())).toBe(false);
  });

  test('automatic choices are not in the request', async () => {
    await prepare();
    const { request } = api.plans[1]!.args;
    expect(Object.keys(request).sort()).toEqual(['adapters', 'base', 'name']);
  });

  test('adapters beside a checkpoint are found: one is taken, several are offered', async () => {
    const inside = (name: string) => [
      `${name}/adapter_config.json`,
      `${name}/adapter_model.safetensors`,
    ];
    const base = ['config.json', 'model.safetensors'];
    await store.form.takeFolder('base', folder('one', ...base, ...inside('adapters/lora')));
    expect(state().form.adapters).toMatchObject([{ name: 'lora', label: 'lora' }]);
    expect(state().folderNote).toBeNull();

    const several = [...inside('run/checkpoint-900'), ...inside('run/checkpoint-1000')];
    await store.form.takeFolder('adapter', folder('two', ...several));
    const { offers } = state().form;
    expect(offers.map(({ path }) => path)).toEqual(['run/checkpoint-900', 'run/checkpoint-1000']);
    expect(state().folderNote?.role).toBe('adapter');
    store.form.acceptOffer(offers[1]!);
    expect(state().form.adapters.map(({ name }) => name)).toEqual(['lora', 'checkpoint-1000']);
    expect(state().form.offers).toHaveLength(1);
  });

  test('a finished package is loaded and not imported', async () => {
    const files = ['pack/tiebreak.json', 'pack/config.json', 'pack/model.safetensors'];
    await store.form.takeFolder('base', folder('all', ...files));
    expect(loaded).toMatchObject([{ kind: 'files', label: 'pack' }]);
    const [source] = loaded;
    expect(source?.kind === 'files' && source.files.map(({ path }) => path)).toEqual([
      'tiebreak.json',
      'config.json',
      'model.safetensors',
    ]);
    expect(state().form.base).toBeNull();
    expect(state().folderNote?.text).toContain('finished model package');
    running = true;
    await store.form.takeFolder('base', folder('all', ...files));
    expect(loaded).toHaveLength(1);
    expect(state().folderNote?.text).toContain('when the run has ended');
  });

  test('a folder of no use is said to be so, and changes nothing', async () => {
    await prepare();
    const { form } = state();
    await store.form.takeFolder('base', folder('empty', 'note.txt'));
    expect(state().folderNote?.text).toContain('contains no checkpoint');
    await store.form.takeFolder('adapter', checkpoint());
    expect(state().folderNote?.text).toContain('adapter_config.json');
    await store.form.takeFolder('base', folder('two', 'a/config.json', 'b/config.json'));
    expect(state().folderNote?.text).toContain('a, b');
    await store.form.takeFolder('tokenizer', Promise.reject(new Error('It is gone.')));
    expect(state().folderNote?.text).toContain('It is gone.');
    await store.form.takeFolder('base', Promise.resolve(null), 'No folder.');
    expect(state().folderNote?.text).toBe('No folder.');
    await store.form.takeFolder('base', Promise.resolve(null));
    expect(state().folderNote).toBeNull();
    expect(state().form).toBe(form);
  });

  test('addresses are accepted, and anything else is refused', async () => {
    expect(store.form.takeAddress('base', 'gemma')?.code).toBe('storage/address');
    expect(state().form.base).toBeNull();
    expect(store.form.takeAddress('base', ' google/gemma-2-9b-it ')).toBeNull();
    expect(
      store.form.takeAddress('adapter', 'https://huggingface.co/me/my-lora/tree/v2'),
    ).toBeNull();
    expect(state().form.name).toBe('gemma-2-9b-it');
    expect(state().form.adapters[0]!.name).toBe('my-lora');
    await turn();
    expect(api.plans[0]!.args.request.base).toEqual({
      kind: 'remote',
      address: 'google/gemma-2-9b-it',
    });
  });

  test('a tokenizer that is missing is asked for and comes into the request', async () => {
    await store.form.takeFolder('base', checkpoint());
    await api.plans[0]!.answer(importPlan({ tokenizer: null }));
    expect(canImport(state())).toBe(false);
    await store.form.takeFolder('tokenizer', folder('tok', 'deep/tokenizer.json'));
    await turn();
    expect(api.plans[1]!.args.request.tokenizer).toMatchObject({ kind: 'files', label: 'deep' });
    await api.plans[1]!.answer(importPlan());
    expect(canImport(state())).toBe(true);
  });

  test('an import that does not fit cannot start', async () => {
    await store.form.takeFolder('base', checkpoint());
    await api.plans[0]!.answer(importPlan({ bytes: 6e9 }, 5e9));
    expect(canImport(state())).toBe(false);
    await store.imports.start();
    expect(api.starts).toHaveLength(0);
  });
});

test('a checkpoint that was given as a package opens the card and is planned there', async () => {
  api.stored = [storedPackage('1')];
  store.importFolder('base', (await checkpoint())!);
  await turn();
  expect(state()).toMatchObject({ isOpen: true, led: 1, form: { base: { label: 'gemma' } } });
  // The same card lists the stored models.
  expect(state().packages).toHaveLength(1);
  expect(api.plans[0]!.args.request.base).toMatchObject({ label: 'gemma' });
  expect(loaded).toEqual([]);
});

test('the contents of a folder without safetensors are named', async () => {
  await store.form.takeFolder('base', folder('llama', 'model-Q4_K_M.gguf', 'README.md'));
  expect(state().folderNote?.text).toContain('model-Q4_K_M.gguf is a GGUF file');
  await store.form.takeFolder('adapter', folder('old', 'checkpoint.pt'));
  expect(state().folderNote?.text).toContain('checkpoint.pt is a PyTorch file');
});

describe('names of adapters', () => {
  test('are made unique', async () => {
    await store.form.takeFolder('base', checkpoint());
    for (const name of ['my lora!', 'My-Lora', 'none', '...']) {
      await store.form.takeFolder('adapter', adapter(name));
    }
    const names = state().form.adapters.map(({ name }) => name);
    expect(names).toEqual(['my-lora', 'My-Lora-2', 'adapter', 'adapter-2']);
  });

  test('that clash keep the import from starting, and a new name needs no new plan', async () => {
    await prepare();
    await store.form.takeFolder('adapter', adapter('other'));
    await turn();
    await api.plans[2]!.answer(importPlan());
    expect(canImport(state())).toBe(true);
    const { key } = state().form.adapters[1]!;
    store.form.renameAdapter(key, 'LORA');
    expect(canImport(state())).toBe(false);
    store.form.renameAdapter(key, 'other2');
    expect(canImport(state())).toBe(true);
    void store.imports.start();
    await turn();
    expect(api.plans).toHaveLength(3);
    expect(api.starts[0]!.args.request.adapters.map(({ name }) => name)).toEqual([
      'lora',
      'other2',
    ]);
  });
});

describe('import', () => {
  test('shows its progress, then loads the model and clears the form', async () => {
    await prepare();
    store.form.setToken(TOKEN);
    const importing = store.imports.start();
    await turn();
    const [start] = api.starts;
    expect(state().job).toMatchObject({ kind: 'import', id: null, progress: null });
    start!.send({ step: 'weights', done: 10, total: 100, what: 'model.norm.weight' });
    expect(state().job?.progress).toMatchObject({ done: 10, what: 'model.norm.weight' });
    // Choices cannot change meanwhile.
    store.form.setChoices({ quant: 'none' });
    store.form.setName('other');
    expect(state().form).toMatchObject({ quant: 'auto', name: 'gemma' });
    const stored = storedPackage('id-1', { name: 'gemma' });
    api.stored = [stored];
    await start!.answer(stored);
    await importing;
    expect(loaded).toEqual([{ kind: 'stored', id: 'id-1', name: 'gemma' }]);
    expect(state()).toMatchObject({
      job: null,
      plan: { status: 'none' },
      packages: [{ id: 'id-1' }],
      notes: { 'id-1': { kind: 'imported', loaded: true } },
    });
    expect(state().form).toMatchObject({ base: null, adapters: [], token: '' });
  });

  test('that ends while a run is going leaves the model of the run alone', async () => {
    await prepare();
    running = true;
    void store.imports.start();
    await turn();
    await api.starts[0]!.answer(storedPackage('id-1'));
    expect(loaded).toEqual([]);
    expect(state().notes['id-1']).toEqual({ kind: 'imported', loaded: false });
  });

  test('that is cancelled can go on, with the files that are still in hand', async () => {
    await prepare();
    void store.imports.start();
    await turn();
    void store.jobs.cancel();
    expect(state().job?.cancelling).toBe(true);
    void store.jobs.cancel();
    expect(api.cancels).toBe(2); // one of them was for the first plan
    const { request } = api.starts[0]!.args;
    api.stored = [partialPackage('id-1', { ...request, base: null, adapters: [] })];
    await api.starts[0]!.fail(cancelled);
    expect(state()).toMatchObject({
      job: null,
      importNote: { kind: 'cancelled' },
      form: { resume: { id: 'id-1' }, base: { label: 'gemma' }, adapters: [{ name: 'lora' }] },
    });
    await turn();
    await api.plans[2]!.answer(importPlan());
    void store.imports.start();
    await turn();
    expect(api.starts[1]!.args).toMatchObject({ id: 'id-1', request: { base: request.base } });
  });

  test('that fails says why and keeps the form', async () => {
    await prepare();
    void store.imports.start();
    await turn();
    await api.starts[0]!.fail(broken);
    expect(state().importNote).toMatchObject({ kind: 'failed', error: { code: 'model/config' } });
    expect(state().form).toMatchObject({ resume: null, base: { label: 'gemma' } });
    // The free space may have changed.
    expect(api.plans).toHaveLength(3);
  });

  test('whose worker dies can go on too', async () => {
    await prepare();
    void store.imports.start();
    await turn();
    api.stored = [partialPackage('id-1', { name: 'gemma', base: null, adapters: [] })];
    await api.starts[0]!.die(errorOf(PACKAGES_WORKER_DEAD, 'It died.'));
    expect(state().importNote).toMatchObject({ error: { code: PACKAGES_WORKER_DEAD } });
    expect(state().form.resume?.id).toBe('id-1');
  });

  test('the token goes to the worker and nowhere else', async () => {
    await store.list.refresh();
    store.form.takeAddress('base', 'google/gemma-2-9b');
    await turn();
    await api.plans[0]!.fail(gated);
    expect(state().plan.status).toBe('failed');
    store.form.setToken(` ${TOKEN}\n`);
    void store.form.replan();
    await turn();
    await api.plans[1]!.answer(importPlan());
    void store.imports.start();
    await turn();
    const asked = [...api.plans.slice(1), ...api.starts].map(({ args }) => args);
    for (const { request, token } of asked) {
      expect(token).toBe(TOKEN);
      expect(JSON.stringify(request)).not.toContain(TOKEN);
    }
    await api.starts[0]!.answer(storedPackage('id-1'));
    await turn();
    expect(JSON.stringify([...kept])).not.toContain(TOKEN);
    expect(JSON.stringify(state())).not.toContain(TOKEN);
  });
});

describe('a finished package', () => {
  async function name(offer = packageOffer()): Promise<void> {
    store.form.takeAddress('base', 'me/finished');
    await turn();
    await api.plans[0]!.answer(offer);
  }

  test('at the address of a checkpoint is offered, downloaded and loaded', async () => {
    await store.list.refresh();
    await name();
    expect(knownOffer(state().plan)).toMatchObject({ name: 'finished' });
    expect(knownPlan(state().plan)).toBeNull();
    store.form.setToken(TOKEN);
    const downloading = store.imports.start();
    await turn();
    expect(api.starts).toEqual([]);
    expect(api.downloads[0]!.args).toEqual({ address: 'me/finished', token: TOKEN, id: null });
    expect(state().job).toMatchObject({ kind: 'download', id: null });
    // No choice is possible meanwhile.
    store.form.setChoices({ quant: 'none' });
    expect(state().form.quant).toBe('auto');
    api.stored = [storedPackage('id-1', { address: 'me/finished' })];
    await api.downloads[0]!.answer(api.stored[0]!);
    await downloading;
    expect(loaded).toEqual([{ kind: 'stored', id: 'id-1', name: 'id-1' }]);
    expect(state().notes['id-1']).toEqual({ kind: 'downloaded', loaded: true });
    expect(state().form.base).toBeNull();
  });

  test('without room cannot be downloaded', async () => {
    await name(packageOffer({ bytes: 6e9, available: 5e9 }));
    expect(canImport(state())).toBe(false);
  });

  test('goes on after a reload, where it came from', async () => {
    const partial = storedPackage('id-1', {
      state: 'partial',
      bytes: 1e9,
      quantization: null,
      address: 'me/finished',
    });
    void store.imports.resume(partial);
    await turn();
    await api.plans[0]!.answer(packageOffer({ bytes: 6e9, available: 5.5e9 }));
    expect(api.downloads[0]!.args).toEqual({ address: 'me/finished', token: null, id: 'id-1' });
  });

  test('is repaired after the page has let go of it', async () => {
    const repairing = store.stored.repair('id-1');
    await turn();
    expect(released).toEqual(['id-1']);
    expect(state().job).toMatchObject({ kind: 'repair', id: 'id-1' });
    await api.repairs[0]!.answer(storedPackage('id-1'));
    await repairing;
    expect(state().notes['id-1']).toEqual({ kind: 'repaired' });
    void store.stored.repair('id-1');
    await turn();
    await api.repairs[1]!.fail({ code: 'package/changed', message: 'Another version.' });
    expect(state().notes['id-1']).toMatchObject({ error: { code: 'package/changed' } });
  });
});

describe('after a reload', () => {
  const remote = { kind: 'remote', address: 'google/gemma-2-9b' } as const;

  test('an import from the network continues at once', async () => {
    const request = { name: 'gemma', base: remote, adapters: [], softCap: null };
    void store.imports.resume(partialPackage('id-1', request));
    await turn();
    expect(api.plans[0]!.args.request).toEqual(request);
    await api.plans[0]!.answer(importPlan({ bytes: 6e9 }, 5.5e9)); // a gigabyte is written already
    expect(api.starts[0]!.args).toMatchObject({ id: 'id-1', request });
  });

  test('a token that is missing by now is asked for before anything is written', async () => {
    const request = { name: 'gemma', base: remote, adapters: [] };
    void store.imports.resume(partialPackage('id-1', request));
    await turn();
    await api.plans[0]!.fail(gated);
    expect(api.starts).toHaveLength(0);
    store.form.setToken(TOKEN);
    void store.form.replan();
    await turn();
    await api.plans[1]!.answer(importPlan());
    void store.imports.start();
    await turn();
    expect(api.starts[0]!.args).toEqual({ request, token: TOKEN, id: 'id-1' });
  });

  test('folders are read again when the user allows it', async () => {
    const handle = folderHandle('gemma', {});
    const source = { kind: 'handle', handle } as const;
    const adapters = [{ name: 'lora', source: remote }];
    void store.imports.resume(partialPackage('id-1', { name: 'gemma', base: source, adapters }));
    expect(handle.asked).toBe(1); // in the click itself
    await turn();
    await api.plans[0]!.answer(importPlan());
    expect(api.starts[0]!.args.request.base).toEqual(source);
  });

  test('a folder that may not be read can be allowed later', async () => {
    const handle = folderHandle('gemma', {}, false);
    const source = { kind: 'handle', handle } as const;
    void store.imports.resume(
      partialPackage('id-1', { name: 'gemma', base: source, adapters: [] }),
    );
    await turn();
    expect(state().form.base).toMatchObject({ label: 'gemma', locked: true });
    expect(api.plans).toHaveLength(0);
    Object.assign(handle, { requestPermission: async () => 'granted' });
    void store.form.allow();
    await turn();
    expect(state().form.base?.locked).toBe(false);
    expect(api.plans).toHaveLength(1);
  });

  test('files must be chosen again, and the choices stay', async () => {
    const adapters = ['one', 'two'].map((name) => ({ name, source: null }));
    const kept = { name: 'gemma', base: null, adapters, quant: 'int4' } as const;
    await store.imports.resume(partialPackage('id-1', { ...kept, adapters }));
    expect(state().plan.status).toBe('none');
    await store.form.takeFolder('base', checkpoint());
    await store.form.takeFolder('adapter', adapter('anything'));
    expect(api.plans).toHaveLength(0);
    await store.form.takeFolder('adapter', adapter('else'));
    // A continued import takes no more adapters than it began with.
    await store.form.takeFolder('adapter', adapter('more'));
    await turn();
    const { request } = api.plans[0]!.args;
    expect(request).toMatchObject({ name: 'gemma', quant: 'int4' });
    expect(
      request.adapters.map(({ name, source }) => [name, source.kind === 'files' && source.label]),
    ).toEqual([
      ['one', 'anything'],
      ['two', 'else'],
    ]);
    store.form.removeAdapter(state().form.adapters[0]!.key);
    expect(state().form.adapters).toMatchObject([
      { name: 'one', source: null },
      { name: 'two', label: 'else' },
    ]);
  });

  test('it can be made a new import instead', async () => {
    const request = { name: 'gemma', base: remote, adapters: [] };
    const stored = partialPackage('id-1', request);
    api.stored = [{ ...stored, name: 'gemma' }];
    await store.list.refresh();
    void store.imports.resume(stored);
    await turn();
    await api.plans[0]!.fail(gated);
    store.form.startAnew();
    expect(state().form).toMatchObject({ resume: null, name: 'gemma-2', base: { source: remote } });
  });
});

describe('stored packages', () => {
  test('are remembered, so that the next visit lists them at once', async () => {
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: () => undefined };
    expect(packagesExpected(storage)).toBe(false);
    api.stored = [storedPackage('1')];
    await store.list.refresh();
    expect(packagesExpected(storage)).toBe(true);
    api.stored = [];
    await store.list.refresh();
    expect(packagesExpected(storage)).toBe(false);
  });

  test('that are begun are remembered at once: the page may be loaded again before the end', async () => {
    await prepare();
    expect(packagesExpected({ getItem: (key) => kept.get(key) ?? null, setItem() {} })).toBe(false);
    const importing = store.imports.start();
    await turn();
    api.stored = [storedPackage('1', { state: 'busy' })];
    api.starts[0]!.send({ step: 'weights', done: 1, total: 2, what: 'x' });
    await turn();
    expect(packagesExpected({ getItem: (key) => kept.get(key) ?? null, setItem() {} })).toBe(true);
    // The list stays, since the progress is shown below it.
    expect(state().packages).toEqual([]);
    expect(announced).toBe(1);
    await api.starts[0]!.answer(storedPackage('1'));
    await importing;
    expect(announced).toBe(2);
  });

  test('other tabs learn of a deletion', async () => {
    api.stored = [storedPackage('1')];
    await store.list.refresh();
    await store.stored.remove('1');
    expect(announced).toBe(1);
  });

  test('that a closed tab was writing are checked until nobody writes them', async () => {
    vi.useFakeTimers();
    try {
      api.stored = [storedPackage('1', { state: 'busy' })];
      await store.list.refresh();
      api.stored = [partialPackage('1', { name: '1', base: null, adapters: [] })];
      await vi.advanceTimersByTimeAsync(3000);
      expect(state().packages).toMatchObject([{ state: 'partial' }]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that the browser has cleared are named; those that were deleted or never finished are not', async () => {
    api.stored = ['1', '2', '3'].map((id) => storedPackage(id, { name: `model ${id}` }));
    api.stored.push(partialPackage('4', { name: 'model 4', base: null, adapters: [] }));
    await store.list.refresh();
    await store.stored.remove('2');
    expect(state().lost).toEqual([]);
    api.stored = api.stored.filter(({ id }) => id === '1');
    await store.list.refresh();
    expect(state().lost).toEqual(['model 3']);
    await store.list.refresh();
    expect(state().lost).toEqual(['model 3']);
  });

  test('verifying says how it ended', async () => {
    const verifying = store.stored.verify('1');
    await turn();
    api.verifies[0]!.send({ step: 'verify', done: 1, total: 2, what: 'model.onnx' });
    expect(state().job).toMatchObject({ kind: 'verify', id: '1', progress: { done: 1 } });
    await api.verifies[0]!.answer();
    await verifying;
    expect(state()).toMatchObject({ job: null, notes: { 1: { kind: 'verified' } } });
    void store.stored.verify('1');
    await turn();
    expect(state().notes).toEqual({});
    await api.verifies[1]!.fail({ code: 'package/damaged', message: 'model.onnx differs.' });
    expect(state().notes[1]).toMatchObject({ kind: 'failed', error: { code: 'package/damaged' } });
  });

  test('a plan waits until other work has ended', async () => {
    await prepare();
    const verifying = store.stored.verify('1');
    await turn();
    store.form.setChoices({ embedding: 'int8' });
    expect(state().plan.status).toBe('asking');
    expect(api.plans).toHaveLength(2);
    await store.imports.start();
    expect(api.starts).toHaveLength(0);
    void store.jobs.cancel();
    await api.verifies[0]!.fail(cancelled);
    expect(state().notes[1]).toEqual({ kind: 'cancelled' });
    expect(api.plans).toHaveLength(3);
    await api.plans[2]!.answer(importPlan());
    await verifying;
    expect(canImport(state())).toBe(true);
  });

  test('are exported into a folder of their own', async () => {
    const parent = folderHandle('Downloads', { gemma: {}, 'gemma-2': 'a file' });
    const exporting = store.stored.exportTo(
      storedPackage('1', { name: 'gemma' }),
      Promise.resolve(parent),
    );
    await turn();
    expect(api.exports[0]!.args).toEqual({ id: '1', folder: 'gemma-3' });
    await api.exports[0]!.answer();
    await exporting;
    expect(state().notes[1]).toEqual({ kind: 'exported' });
    await store.stored.exportTo(storedPackage('1'), Promise.resolve(null));
    expect(api.exports).toHaveLength(1);
    await store.stored.exportTo(storedPackage('1'), Promise.reject(new Error('Not allowed.')));
    expect(state().notes[1]).toMatchObject({ kind: 'failed', error: { message: 'Not allowed.' } });
  });

  test('show their files where no folder can be chosen', async () => {
    await store.stored.showFiles('1');
    expect(state().notes[1]).toMatchObject({ kind: 'files', files: [{ path: 'tiebreak.json' }] });
  });

  test('are let go before they are deleted', async () => {
    api.stored = [storedPackage('1'), storedPackage('2')];
    await store.list.refresh();
    await store.stored.remove('1');
    expect(released).toEqual(['1']);
    expect(api.removed).toEqual(['1']);
    expect(state().packages?.map(({ id }) => id)).toEqual(['2']);
  });

  test('a partial one that is deleted leaves its form as a new import', async () => {
    const request = { name: 'gemma', base: null, adapters: [] };
    api.stored = [partialPackage('1', request)];
    await store.list.refresh();
    await store.imports.resume(api.stored[0]!);
    expect(state().form.resume?.id).toBe('1');
    await store.stored.remove('1');
    expect(state().form.resume).toBeNull();
  });
});

test('a folder of File System Access is taken as such, and parts of it by themselves', async () => {
  const files = { 'config.json': '{}', 'model.safetensors': '' };
  const lora = { 'adapter_config.json': '{}', 'adapter_model.safetensors': '' };
  const handle = folderHandle('all', { base: files, '.git': { 'config.json': '' }, out: { lora } });
  await store.form.takeFolder('base', folderOfHandle(handle));
  expect(state().form).toMatchObject({
    base: { label: 'base', source: { kind: 'handle', handle: { name: 'base' } } },
    adapters: [{ name: 'lora', source: { kind: 'handle', handle: { name: 'lora' } } }],
  });
});
