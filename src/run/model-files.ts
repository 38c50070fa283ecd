import { HttpFiles } from '../storage/http-files.ts';
import { BlobFiles, type PackageFiles } from '../storage/package-files.ts';
import type { ModelSource } from './api.ts';

/** The files of a model, wherever the user has it. */
export function openModelFiles(source: ModelSource): PackageFiles {
  if (source.kind === 'url') return new HttpFiles(new URL(source.url));
  const files = new Map(source.files.map(({ path, file }) => [path, file]));
  return new BlobFiles(source.label, files);
}
