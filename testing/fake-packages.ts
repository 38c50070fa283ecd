import type { BuildProgress, PackageFacts } from '../src/import/build.ts';
import type {
  ImportPlan,
  ImportRequest,
  PackageOffer,
  PackagesWorkerApi,
  StoredPackage,
  StoredRequest,
} from '../src/packages/api.ts';
import { type Call, wait } from './fake-api.ts';

type Ask = { request: ImportRequest; token: string | null };
type OnProgress = (progress: BuildProgress) => void;

/** A packages worker, or its client, whose answers come when the test sends them. */
export class FakePackages implements PackagesWorkerApi {
  readonly plans: Call<Ask, ImportPlan | PackageOffer, never>[] = [];
  readonly starts: Call<Ask & { id: string | null }, StoredPackage, BuildProgress>[] = [];
  readonly downloads: Call<
    { address: string; token: string | null; id: string | null },
    StoredPackage,
    BuildProgress
  >[] = [];
  readonly repairs: Call<{ id: string; token: string | null }, StoredPackage, BuildProgress>[] = [];
  readonly verifies: Call<string, void, BuildProgress>[] = [];
  readonly exports: Call<{ id: string; folder: string }, void, BuildProgress>[] = [];
  readonly removed: string[] = [];
  cancels = 0;
  stored: StoredPackage[] = [];

  plan(request: ImportRequest, token: string | null) {
    return wait(this.plans, { request, token }, () => undefined);
  }

  start(request: ImportRequest, token: string | null, id: string | null, onProgress: OnProgress) {
    return wait(this.starts, { request, token, id }, onProgress);
  }

  download(address: string, token: string | null, id: string | null, onProgress: OnProgress) {
    return wait(this.downloads, { address, token, id }, onProgress);
  }

  repair(id: string, token: string | null, onProgress: OnProgress) {
    return wait(this.repairs, { id, token }, onProgress);
  }

  async cancel(): Promise<void> {
    this.cancels += 1;
  }

  async list(): Promise<StoredPackage[]> {
    return this.stored;
  }

  verify(id: string, onProgress: OnProgress) {
    return wait(this.verifies, id, onProgress);
  }

  exportTo(id: string, folder: FileSystemDirectoryHandle, onProgress: OnProgress) {
    return wait(this.exports, { id, folder: folder.name }, onProgress);
  }

  async files(id: string): Promise<{ path: string; file: File }[]> {
    const file = new File([id], 'tiebreak.json');
    return [{ path: 'tiebreak.json', file }];
  }

  async remove(id: string): Promise<void> {
    this.removed.push(id);
    this.stored = this.stored.filter((stored) => stored.id !== id);
  }
}

export function importPlan(
  facts: Partial<PackageFacts> = {},
  available: number | null = 1e10,
): ImportPlan {
  return {
    kind: 'import',
    facts: {
      architecture: 'Gemma2ForCausalLM',
      layers: 42,
      hiddenSize: 3584,
      vocabSize: 256_000,
      storedAs: 'BF16',
      quantization: 'nf4',
      codesKept: false,
      embedding: 'float16',
      softCap: 50,
      tokenizer: 'given',
      labels: 3,
      chatDate: null,
      head: { kind: 'linear' },
      olderPooling: null,
      hasScore: false,
      adapters: [],
      bytes: 6e9,
      ...facts,
    },
    available,
  };
}

export function packageOffer(more: Partial<PackageOffer> = {}): PackageOffer {
  return {
    kind: 'package',
    name: 'finished',
    bytes: 6e9,
    quantization: 'nf4',
    embedding: 'float16',
    softCap: 50,
    adapters: ['lora'],
    available: 1e10,
    ...more,
  };
}

export function storedPackage(id: string, more: Partial<StoredPackage> = {}): StoredPackage {
  return {
    id,
    name: id,
    bytes: 6e9,
    total: null,
    finished: Date.UTC(2026, 10, 24, 12),
    state: 'complete',
    adapters: ['lora'],
    quantization: 'nf4',
    request: null,
    missing: [],
    address: null,
    ...more,
  };
}

export function partialPackage(id: string, request: StoredRequest, bytes = 1e9): StoredPackage {
  const rest = { adapters: [], quantization: null, request, finished: null };
  return storedPackage(id, { state: 'partial', bytes, ...rest });
}

/** A folder of File System Access: folders are objects, files are texts. */
export function folderHandle(
  name: string,
  tree: Tree,
  allow = true,
): FileSystemDirectoryHandle & { asked: number } {
  const missing = () => new DOMException('Not there.', 'NotFoundError');
  const child = (at: string, entry: Tree | string) =>
    typeof entry === 'string'
      ? { kind: 'file', name: at, getFile: async () => new File([entry], at) }
      : folderHandle(at, entry);
  const handle = {
    kind: 'directory',
    name,
    asked: 0,
    async *entries() {
      for (const [at, entry] of Object.entries(tree)) yield [at, child(at, entry)];
    },
    async getDirectoryHandle(at: string, { create = false } = {}) {
      if (tree[at] === undefined && create) tree[at] = {};
      const entry = tree[at];
      if (entry === undefined) throw missing();
      if (typeof entry === 'string') throw new DOMException('A file.', 'TypeMismatchError');
      return folderHandle(at, entry);
    },
    async requestPermission() {
      handle.asked += 1;
      return allow ? 'granted' : 'denied';
    },
  };
  return handle as unknown as FileSystemDirectoryHandle & { asked: number };
}

export interface Tree {
  [name: string]: Tree | string;
}
