import type { BuildOptions } from '../import/build.ts';
import { DirectoryHandleFiles } from '../storage/directory-handle.ts';
import { HttpFiles } from '../storage/http-files.ts';
import { HUB, remoteFolder } from '../storage/hub-address.ts';
import { BlobFiles, type PackageFiles } from '../storage/package-files.ts';
import type { ImportRequest, ImportSource } from './api.ts';

/**
 * The build options of a request, with its sources opened. `token` is sent to the Hugging Face hub and to no other
 * host.
 * @throws TiebreakError `storage/address`, `storage/token`.
 */
export function buildOptions(
  { name, base, adapters, tokenizer, shippedTokenizer, quant, embedding, softCap }: ImportRequest,
  token: string | null,
  signal: AbortSignal,
): BuildOptions {
  const open = (source: ImportSource) => openSource(source, token, signal);
  return {
    name,
    base: open(base),
    adapters: adapters.map((adapter) => ({ name: adapter.name, files: open(adapter.source) })),
    ...(tokenizer === undefined ? {} : { tokenizer: open(tokenizer) }),
    ...(shippedTokenizer === undefined
      ? {}
      : { shippedTokenizer: new HttpFiles(new URL(shippedTokenizer), { signal }) }),
    quant,
    embedding,
    softCap,
  };
}

function openSource(source: ImportSource, token: string | null, signal: AbortSignal): PackageFiles {
  if (source.kind === 'handle') return new DirectoryHandleFiles(source.handle);
  if (source.kind === 'files') {
    return new BlobFiles(source.label, new Map(source.files.map(({ path, file }) => [path, file])));
  }
  return openRemote(source.address, token, signal);
}

/** Opens the folder at an address. @throws TiebreakError `storage/address`, `storage/token`. */
export function openRemote(address: string, token: string | null, signal: AbortSignal): HttpFiles {
  const url = remoteFolder(address);
  const forHub = url.origin === HUB && token !== null && token.trim() !== '';
  return new HttpFiles(url, {
    ...(forHub ? { token: token.trim() } : {}),
    signal,
    // Weights are read once. In the browser's cache they would occupy their space a second time.
    cache: 'no-store',
  });
}
