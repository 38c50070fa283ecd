/** English texts of errors, by their ids. */
export const packagesErrors = {
  'package/adapter-name': {
    message: ({ name, isTaken }: { name: string; isTaken: boolean }) =>
      isTaken ? `Two adapters are named ${name}.` : `An adapter cannot be named "${name}".`,
    action: 'Use letters, digits, "_", "." and "-", and another name for each.',
  },
  'package/tensor': {
    message: ({ label, name, problem }: { label: string; name: string; problem: string }) =>
      `In ${label}, tensor ${name} ${problem}.`,
    action: 'Build the package again with npm run build-model.',
  },
  'package/adapter': {
    message: ({ model, name, known }: { model: string; name: string; known: string }) =>
      `${model} has no adapter "${name}". Its adapters: ${known}.`,
    action: 'Choose one of them, or "none" for the base model.',
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
    action: 'Tell who keeps the package, or take another one.',
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
    action: 'Try again: it was damaged on the way, or is being changed.',
  },
  'package/manifest:size': {
    message: ({ size }: { size: number }) => `tiebreak.json has ${size} bytes.`,
    action: 'Check the address: this is not the manifest of a package.',
  },
  'package/differs': {
    message: ({ path, size, bytes }: { path: string; size: number; bytes: number }) =>
      `${path} has ${size} bytes on the host, where the package's manifest says ${bytes}.`,
    action: 'Try again later: the package on the host is not whole, or is being changed.',
  },
  'package/changed': {
    message: ({ path }: { path: string }) =>
      `The host has another version of this model by now: its tiebreak.json says something else of ${path}.`,
    action: 'Delete the model and download it again.',
  },
  'packages/unavailable': {
    message: 'This browser keeps no files for this page.',
    action: 'Use a window that is not private, or build the package with npm run build-model.',
  },
  'packages/unknown': {
    message: 'There is no such model any more.',
    action: 'Choose another one.',
  },
  'packages/busy': {
    message: ({ mode }: { mode: 'shared' | 'exclusive' }) =>
      mode === 'shared'
        ? 'This model is being written or deleted, perhaps in another tab.'
        : 'This model is in use, perhaps in another tab.',
    action: ({ mode }: { mode: 'shared' | 'exclusive' }) =>
      mode === 'shared'
        ? 'Wait until that has ended.'
        : 'Close other tabs that use it, or choose another model there.',
  },
  'packages/imported': {
    message: ({ name }: { name: string }) =>
      `${name} was imported: its bytes were made here and lie nowhere else.`,
    action: 'Delete it and import it again.',
  },
  'packages/importing': {
    message: 'Another import or download is under way.',
    action: 'Wait until it has ended, or cancel it.',
  },
  'packages/complete': {
    message: ({ name }: { name: string }) => `${name} is complete already.`,
    action: 'Import it under another name.',
  },
  'packages/partial': {
    message: 'The import of this model was not finished.',
    action: 'Go on with the import, or delete it.',
  },
  'packages/busy:delete': {
    message: ({ reason }: { reason: string }) => `This model cannot be deleted: ${reason}`,
    action: 'Close other tabs that use it.',
  },
};
