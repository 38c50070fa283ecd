import { errorAt, TiebreakError } from '../domain/errors.ts';
import { type ByteSource, MemorySource } from '../storage/byte-source.ts';
import { sha256 } from '../storage/hash.ts';
import { refusePointerFile } from '../storage/lfs-pointer.ts';
import { type PackageFiles, readAll, readText } from '../storage/package-files.ts';
import { type Adapter, readAdapter } from './adapter.ts';
import { parseConfig } from './config.ts';
import type { DecoderConfig } from './decoder.ts';
import { type Head, LINEAR, MAX_VERDICT_TOKENS } from './heads/head.ts';
import { findHead, type HeadLayers, isOfKind, labelsOf } from './heads/layers.ts';
import { olderPooling } from './heads/pooling.ts';
import { adapterDirectory, type Manifest, parseManifest } from './manifest.ts';
import { MANIFEST } from './manifest-name.ts';
import { readSafetensors, type TensorEntry } from './safetensors.ts';

/** An open model package: its manifest, its configuration and the places of its tensors. */
export class ModelPackage {
  readonly files: PackageFiles;
  readonly manifest: Manifest;
  readonly config: DecoderConfig;
  /** The base model's tensors, by name. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** The version of Transformers that its `config.json` names, if that pooled otherwise: see `olderPooling`. */
  readonly olderPooling: string | null;
  /**
   * SHA-256 of the manifest in hexadecimal. It identifies the package: the manifest has the hash of every other file.
   */
  readonly sha256: string;

  private constructor(
    files: PackageFiles,
    sha256: string,
    manifest: Manifest,
    configText: string,
    tensors: ReadonlyMap<string, TensorEntry>,
  ) {
    this.files = files;
    this.sha256 = sha256;
    this.manifest = manifest;
    this.config = parseConfig(configText);
    this.olderPooling = olderPooling(configText, this.config, this.head);
    this.tensors = tensors;
  }

  /**
   * Opens a package. Reads its manifest, its configuration and the headers of its shards, but no weights.
   * @throws TiebreakError if a file is missing, has another size than the manifest says, or is invalid.
   */
  static async open(files: PackageFiles): Promise<ModelPackage> {
    const json = await readAll(files, MANIFEST);
    const manifest = parseManifest(new TextDecoder().decode(json));
    const configText = await readText(files, 'config.json');
    const tensors = new Map<string, TensorEntry>();
    for (const shard of manifest.shards) {
      const source = await files.open(shard);
      await refusePointerFile(source);
      const listed = manifest.files[shard];
      if (listed === undefined) {
        throw errorAt({ file: shard }, 'package/damaged:unlisted', { path: shard });
      }
      checkSize(source, shard, listed.bytes);
      for (const [name, entry] of await readSafetensors(source)) tensors.set(name, entry);
    }
    const digest = await sha256(new MemorySource(MANIFEST, json));
    return new ModelPackage(files, digest, manifest, configText, tensors);
  }

  /** True if the package contains a tokenizer; reference models do not. */
  get hasTokenizer(): boolean {
    return Object.hasOwn(this.manifest.files, 'tokenizer.json');
  }

  /** Names of the adapters, in the order of the manifest. */
  get adapterNames(): string[] {
    return this.manifest.adapters.map((adapter) => adapter.name);
  }

  /**
   * Finds a tensor of the base model.
   * @throws TiebreakError `package/tensor` if it is missing or has another type or shape.
   */
  tensor(name: string, dtype: TensorEntry['dtype'], shape: number[]): TensorEntry {
    const entry = this.tensors.get(name);
    const { label } = this.files;
    if (entry === undefined) {
      throw new TiebreakError('package/tensor:missing', { params: { label, name } });
    }
    if (entry.dtype === dtype && entry.shape.join() === shape.join()) return entry;
    const expected = { expected: dtype, expectedShape: shape };
    throw new TiebreakError('package/tensor', {
      params: { label, name, dtype: entry.dtype, shape: entry.shape, ...expected },
    });
  }

  /** Reads an adapter of the package. @throws TiebreakError `package/adapter` if there is none of that name. */
  async adapter(name: string): Promise<Adapter> {
    if (!this.adapterNames.includes(name)) {
      throw new TiebreakError('package/adapter', {
        params: { model: this.manifest.name, name, known: this.adapterNames },
      });
    }
    return readAdapter(this.files, adapterDirectory(name), name, this.config);
  }

  /** The kind of the package's heads. */
  get head(): Head {
    return this.manifest.head ?? LINEAR;
  }

  /**
   * The base model's own head; null if it has none.
   * @throws TiebreakError `package/head` for tensors that no head has, or that are not of the package's kind.
   */
  get baseHead(): HeadLayers | null {
    const refused = () => this.wrongHead(null);
    const errors = { shape: refused, twice: refused };
    const found = findHead(this.tensors.values(), this.config, errors, MAX_VERDICT_TOKENS);
    if (found === null || isOfKind(this.head, found)) return found;
    throw this.wrongHead(null);
  }

  /**
   * The head that an adapter uses: its own, or that of the base model (`adapter` null too).
   * @throws TiebreakError `model/no-score` if there is none, `package/adapter`, `package/head`, `adapter/…`.
   */
  async headLayers(adapter: string | null): Promise<HeadLayers> {
    const own = adapter === null ? null : (await this.adapter(adapter)).head;
    if (own !== null && !isOfKind(this.head, own)) throw this.wrongHead(adapter);
    const layers = own ?? this.baseHead;
    if (layers !== null) return layers;
    throw new TiebreakError('model/no-score:adapter', {
      params: { model: this.manifest.name, adapter },
    });
  }

  /** Number of labels of the head that an adapter uses. @throws TiebreakError as {@link ModelPackage.headLayers}. */
  async labels(adapter: string | null): Promise<number> {
    return labelsOf(await this.headLayers(adapter), this.head);
  }

  private wrongHead(adapter: string | null): TiebreakError {
    const { name: model } = this.manifest;
    return new TiebreakError('package/head', { params: { model, adapter, kind: this.head.kind } });
  }

  /** The soft cap to use with an adapter, or with the base model alone (`adapter` null); null for no cap. */
  softCap(adapter: string | null): number | null {
    const own = this.manifest.adapters.find((entry) => entry.name === adapter)?.softCap;
    return own === undefined ? this.manifest.softCap : own;
  }

  /**
   * Compares the SHA-256 of every file with the manifest, reading in slices.
   * @throws TiebreakError `package/damaged` for the first file that differs, `storage/missing`.
   */
  async verify(options: VerifyOptions = {}): Promise<void> {
    await verifyFiles(this.files, this.manifest.files, options);
  }
}

/** Options to watch a verification and to stop it. */
interface VerifyOptions {
  signal?: AbortSignal;
  onProgress?: (progress: { step: 'verify'; done: number; total: number; what: string }) => void;
}

/**
 * Reads files and compares their sizes and SHA-256 with the `expected` ones.
 * @throws TiebreakError `package/damaged` for the first file that differs, `storage/missing`.
 */
export async function verifyFiles(
  files: PackageFiles,
  expected: Manifest['files'],
  { signal, onProgress }: VerifyOptions = {},
): Promise<void> {
  const total = Object.values(expected).reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const [path, { bytes, sha256: digest }] of Object.entries(expected)) {
    const source = await files.open(path);
    checkSize(source, path, bytes);
    const onBytes = (read: number) => {
      done += read;
      onProgress?.({ step: 'verify', done, total, what: path });
    };
    if ((await sha256(source, { signal, onBytes })) !== digest) {
      throw errorAt({ file: path }, 'package/damaged:hash', { path });
    }
  }
}

function checkSize({ size }: ByteSource, path: string, bytes: number): void {
  if (size === bytes) return;
  throw errorAt({ file: path }, 'package/damaged:size', { path, size, bytes });
}
