const PACKAGE_AGAIN = 'Fetch or build the package again.';
const TELL_PUBLISHER = 'Tell the publisher of the package, or use another one.';

/** A file that differs from the manifest, and the ranges that do. */
interface DamagedFile {
  path: string;
  /** Bytes that the file has; null if it is missing. */
  size: number | null;
  /** Byte ranges [start, end); empty if the file is merely too long. */
  ranges: readonly (readonly [number, number])[];
}

function damageText({ path, size, ranges }: DamagedFile): string {
  if (size === null) return `${path} is missing`;
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) return `${path} is too long`;
  const parts = ranges.length === 1 ? '1 part' : `${ranges.length} parts`;
  return `${path} in ${parts} (bytes ${first[0]} to ${last[1] - 1})`;
}

/** English texts of errors, by their ids. */
export const packagesErrors = {
  'package/adapter-name': {
    message: ({ name, isTaken }: { name: string; isTaken: boolean }) =>
      isTaken ? `Two adapters are named ${name}.` : `An adapter cannot be named “${name}”.`,
    action: 'Use letters, digits, “_”, “.” and “-”, and a different name for each.',
  },
  'package/tensor:missing': {
    message: ({ label, name }: { label: string; name: string }) =>
      `In ${label}, tensor ${name} is missing.`,
    action: 'Build the package again with npm run build-model.',
  },
  'package/tensor:order': {
    message: ({ label, name }: { label: string; name: string }) =>
      `In ${label}, tensor ${name} does not have each input feature once.`,
    action: 'Build the package again with npm run build-model.',
  },
  'package/tensor': {
    message: ({
      label,
      name,
      dtype,
      shape,
      expected,
      expectedShape,
    }: {
      label: string;
      name: string;
      dtype: string;
      shape: readonly number[];
      expected: string;
      expectedShape: readonly number[];
    }) =>
      `In ${label}, tensor ${name} is ${dtype} [${shape.join(', ')}], expected ${expected} [${expectedShape.join(', ')}].`,
    action: 'Build the package again with npm run build-model.',
  },
  'package/adapter': {
    message: ({ model, name, known }: { model: string; name: string; known: readonly string[] }) =>
      `${model} has no adapter “${name}”. Its adapters: ${known.length === 0 ? 'none' : known.join(', ')}.`,
    action: 'Choose one of them, or “none” for the base model.',
  },
  'package/damaged:size': {
    message: ({ path, size, bytes }: { path: string; size: number; bytes: number }) =>
      `The package file ${path} is damaged: it has ${size} bytes, the manifest says ${bytes}.`,
    action: PACKAGE_AGAIN,
  },
  'package/damaged:hash': {
    message: ({ path }: { path: string }) =>
      `The package file ${path} is damaged: its sha256 differs from the manifest’s.`,
    action: PACKAGE_AGAIN,
  },
  'package/damaged:unlisted': {
    message: ({ path }: { path: string }) =>
      `The package file ${path} is damaged: the manifest does not list it.`,
    action: PACKAGE_AGAIN,
  },
  'package/damaged:arrived': {
    message: ({ path }: { path: string }) =>
      `What arrived as ${path} is not what the package’s manifest says.`,
    action: 'Try again. If this happens again, tell the publisher of the package.',
  },
  'package/damaged:host': {
    message: ({ path }: { path: string }) =>
      `The package file ${path} is damaged: the host sends other bytes than the manifest says.`,
    action: 'Try again later. The package on the host is damaged, or is being changed.',
  },
  'packages/worker-died': {
    message: ({ reason }: { reason: string | undefined }) =>
      `The worker that stores models has crashed: ${reason?.replace(/\.$/, '') ?? 'its script did not arrive'}.`,
    action:
      'Try again: an import or download picks up where it stopped. If that fails too, reload the page.',
  },
  'package/manifest:files': {
    message: ({ files }: { files: number }) => `tiebreak.json lists ${files} files.`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:twice': {
    message: ({ path }: { path: string }) =>
      `tiebreak.json lists ${path} twice, as some disks see it.`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:folder': {
    message: ({ path }: { path: string }) =>
      `tiebreak.json lists ${path} as a file and as a folder.`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:lacks': {
    message: ({ path }: { path: string }) => `tiebreak.json does not list ${path}.`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:chat': {
    message: 'tiebreak.json has only one of the template “chat” and the field chat.',
    action: TELL_PUBLISHER,
  },
  'package/manifest:total': {
    message: ({ bytes }: { bytes: number }) =>
      `tiebreak.json lists files of ${bytes} bytes together.`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:outside': {
    message: ({ path }: { path: string }) =>
      `tiebreak.json lists a file “${path}”, which is not a path inside the folder.`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:long': {
    message: ({ length, most }: { length: number; most: number }) =>
      `tiebreak.json lists a file whose path has ${length} characters; ${most} are allowed.`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:own': {
    message: ({ path }: { path: string }) =>
      `tiebreak.json lists a file ${path}; Tiebreak itself uses this name.`,
    action: TELL_PUBLISHER,
  },
  'package/damaged:found': {
    message: ({ files, more }: { files: readonly DamagedFile[]; more: number }) =>
      `Damaged: ${[...files.map(damageText), ...(more > 0 ? [`${more} more`] : [])].join('; ')}.`,
    action: ({ canRepair }: { canRepair: boolean }) =>
      canRepair
        ? 'Repair the model: only what is damaged is fetched again.'
        : 'Delete the model and import it again.',
  },
  'package/manifest:two': {
    message: ({ label }: { label: string }) => `${label} sent tiebreak.json in two versions.`,
    action: 'Try again. It was damaged on the way, or is being changed.',
  },
  'package/manifest:size': {
    message: ({ size }: { size: number }) => `tiebreak.json has ${size} bytes.`,
    action: 'Check the address: this is not the manifest of a package.',
  },
  'package/differs': {
    message: ({ path, size, bytes }: { path: string; size: number; bytes: number }) =>
      `${path} has ${size} bytes on the host, but the package’s manifest says ${bytes}.`,
    action: 'Try again later. The package on the host is incomplete, or is being changed.',
  },
  'package/changed': {
    message: ({ path }: { path: string }) =>
      `The host now has another version of this model: its tiebreak.json describes ${path} differently.`,
    action: 'Delete the model and download it again.',
  },
  'packages/unavailable': {
    message: 'This browser does not store files for this page.',
    action: 'Leave private browsing, or build the package with npm run build-model.',
  },
  'packages/unknown': {
    message: 'This model no longer exists.',
    action: 'Choose another one.',
  },
  'packages/busy': {
    message: ({ mode }: { mode: 'shared' | 'exclusive' }) =>
      mode === 'shared'
        ? 'This model is being written or deleted, perhaps in another tab.'
        : 'This model is in use, perhaps in another tab.',
    action: ({ mode }: { mode: 'shared' | 'exclusive' }) =>
      mode === 'shared'
        ? 'Wait until that is finished.'
        : 'Close other tabs that use it, or choose another model there.',
  },
  'packages/imported': {
    message: ({ name }: { name: string }) =>
      `${name} was imported: its files were made here and exist nowhere else.`,
    action: 'Delete it and import it again.',
  },
  'packages/importing': {
    message: 'Another import or download is in progress.',
    action: 'Wait until it ends, or cancel it.',
  },
  'packages/complete': {
    message: ({ name }: { name: string }) => `${name} is already complete.`,
    action: 'Import it under another name.',
  },
  'packages/partial': {
    message: 'The import of this model was not finished.',
    action: 'Continue the import, or delete it.',
  },
  'packages/busy:delete': {
    message: ({ reason }: { reason: string }) => `This model cannot be deleted: ${reason}`,
    action: 'Close other tabs that use it.',
  },
};
