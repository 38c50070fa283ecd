/** English texts of errors, by their ids. */
export const packagesErrors = {
  'package/adapter-name': {
    message: ({ name, isTaken }: { name: string; isTaken: boolean }) =>
      isTaken ? `Two adapters are named ${name}.` : `An adapter cannot be named “${name}”.`,
    action: 'Use letters, digits, “_”, “.” and “-”, and a different name for each.',
  },
  'package/tensor': {
    message: ({ label, name, problem }: { label: string; name: string; problem: string }) =>
      `In ${label}, tensor ${name} ${problem}.`,
    action: 'Build the package again with npm run build-model.',
  },
  'package/adapter': {
    message: ({ model, name, known }: { model: string; name: string; known: string }) =>
      `${model} has no adapter “${name}”. Its adapters: ${known}.`,
    action: 'Choose one of them, or “none” for the base model.',
  },
  'package/damaged': {
    message: ({ path, what }: { path: string; what: string }) =>
      `The package file ${path} is damaged: ${what}.`,
    action: 'Fetch or build the package again.',
  },
  'packages/worker-died': {
    message: ({ reason }: { reason: string | undefined }) =>
      `The worker that stores models has crashed: ${reason?.replace(/\.$/, '') ?? 'its script did not arrive'}.`,
    action:
      'Try again: an import or download picks up where it stopped. If that fails too, reload the page.',
  },
  'package/manifest': {
    message: ({ why }: { why: string }) => `tiebreak.json ${why}.`,
    action: 'Tell the publisher of the package, or use another one.',
  },
  'package/damaged:found': {
    message: ({ files }: { files: string }) => `Damaged: ${files}.`,
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
