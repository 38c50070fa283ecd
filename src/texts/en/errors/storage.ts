import { count } from '../format.ts';

/** English texts of errors, by their ids. */
export const storageErrors = {
  'storage/write:file': {
    message: ({ path, reason }: { path: string; reason: string }) =>
      `Cannot write ${path}: ${reason}.`,
    action: 'Check the folder and its permissions.',
  },
  'storage/open:read': {
    message: ({ reason }: { reason: string }) => `The file cannot be read: ${reason}.`,
  },
  'storage/full:package': {
    message: ({ bytes, missing, free }: { bytes: number; missing: number; free: number }) =>
      `The package takes ${count(bytes)} bytes, of which ${count(missing)} are still to be written; the disk has ${count(free)} free.`,
    action: 'Free disk space, or choose another disk with --out.',
  },
  'storage/range:row': {
    message: ({ start }: { start: number }) => `There is no row at byte ${start}.`,
  },
  'storage/exists': {
    message: ({ folder, name }: { folder: string; name: string }) =>
      `${folder} already contains ${name}.`,
    action: 'Choose an empty folder.',
  },
  'storage/full:model': {
    message: ({ needed, room }: { needed: string; room: string }) =>
      `The model needs ${needed}, but this page may store only ${room} more.`,
    action:
      'Free space on the disk, delete models that you no longer need, or choose a smaller embedding.',
  },
  'storage/write:delete-run': {
    message: ({ reason }: { reason: string }) => `This run cannot be deleted: ${reason}`,
    action: 'Close other tabs of this page and try again.',
  },
  'storage/changed:after': {
    message: 'The file changed after it was read.',
    action: 'Choose the file again. Rows already scored can still be downloaded.',
  },
  'storage/range': {
    message: ({ start, end, size }: { start: number; end: number; size: number }) =>
      `Bytes ${start} to ${end} are not in a file of ${size} bytes.`,
  },
  'storage/changed': {
    message: ({ name }: { name: string }) =>
      `${name} changed or became unreadable while it was being read.`,
    action: 'Choose the file again. Rows already scored are kept until then.',
  },
  'storage/changed:shorter': {
    message: ({ name }: { name: string }) => `${name} is shorter than it was when it was chosen.`,
    action: 'Choose the file again.',
  },
  'storage/permission': {
    message: ({ label }: { label: string }) => `This page may no longer read ${label}.`,
    action: 'Choose the folder again and allow this page to read it.',
  },
  'storage/read': {
    message: ({ path, reason }: { path: string; reason: string }) =>
      `${path} cannot be read: ${reason}`,
  },
  'storage/full': {
    message: 'The browser has no storage left for this page.',
    action:
      'Free space on the disk, or delete models and saved runs that you no longer need. Then continue.',
  },
  'storage/write:other-tab': {
    message: ({ what }: { what: string }) => `${what} is being written by another tab.`,
    action: 'Wait until it is finished, or close the other tab.',
  },
  'storage/write:browser': {
    message: ({ what, reason }: { what: string; reason: string }) =>
      `${what} cannot be written: ${reason}`,
  },
  'storage/unreachable': {
    message: ({ host, given }: { host: string; given: string }) =>
      `${host} cannot be reached, so ${given} cannot be read.`,
    action: 'Check the connection and that the host allows requests from this page (CORS).',
  },
  'storage/network': { message: ({ why }: { why: string }) => why, action: 'Try again later.' },
  'storage/denied': {
    message: ({
      host,
      path,
      status,
      hub,
      token,
    }: {
      host: string;
      path: string;
      status: number;
      hub: boolean;
      token: boolean;
    }) =>
      `${host} does not ${token ? 'let this token read' : 'allow reading'} ${path} (status ${status})${hub ? ', or there is no such model' : ''}.`,
    action: ({ hub }: { hub: boolean }) =>
      hub
        ? 'Accept the licence on the model’s page with your account, and enter an access token of that account.'
        : 'Enter an access token for this host.',
  },
  'storage/changed:host': {
    message: ({ name, why }: { name: string; why: string }) => `${name} changed. ${why}`,
    action: 'Try again. If this happens again, start over.',
  },
  'storage/no-ranges': {
    message: ({ path }: { path: string }) =>
      `The server sends ${path} only as a whole, which would not fit into memory.`,
    action: 'Use a host that supports range requests, or download the folder and choose it.',
  },
  'storage/token': {
    message: ({ why }: { why: string }) => why,
    action: ({ action }: { action: string }) => action,
  },
  'storage/address': {
    message: ({ why }: { why: string }) => `${why}.`,
    action:
      'Enter a Hugging Face repository as owner/name or owner/name@revision, or the address of a folder that starts with https://.',
  },
  'storage/lfs-pointer': {
    message: ({ file }: { file: string }) => `${file} is a Git LFS pointer, not the file itself.`,
    action:
      'Run “git lfs pull” in the folder, or download the file from the model’s page, then choose the folder again.',
  },
  'storage/open': {
    message: ({ path, reason }: { path: string; reason: string }) =>
      `Cannot open ${path}: ${reason}.`,
    action: 'Check the path and its permissions.',
  },
  'storage/changed:disk': {
    message: ({ name }: { name: string }) => `${name} changed while it was being read.`,
    action: 'Start again with the new file.',
  },
  'storage/full:disk': {
    message: ({ path }: { path: string }) => `The disk is full: ${path} cannot be written.`,
    action: 'Free disk space, then start again. It continues where it stopped.',
  },
  'storage/write': {
    message: ({ path, reason }: { path: string; reason: string }) =>
      `${path} cannot be written: ${reason}.`,
    action: 'Check the folder and its permissions.',
  },
  'storage/path': {
    message: ({ path }: { path: string }) => `“${path}” is not a path inside the directory.`,
  },
  'storage/missing': {
    message: ({ label, path }: { label: string; path: string }) => `${label} has no file ${path}.`,
    action: 'Check that the directory is complete.',
  },
  'storage/insecure': {
    message: 'The browser stores files only for pages that are opened over https or as localhost.',
    action: 'Open this page over https or as localhost.',
  },
  'storage/full:folder': {
    message: ({ folder }: { folder: string }) => `The disk of ${folder} is full.`,
    action: 'Free disk space, or choose another disk.',
  },
  'storage/permission:write': {
    message: ({ folder }: { folder: string }) => `This page may not write to ${folder}.`,
    action: 'Allow it, or choose another folder.',
  },
  'storage/write:folder': {
    message: ({ folder, reason }: { folder: string; reason: string }) =>
      `${folder} cannot be written: ${reason}`,
    action: 'Choose another folder.',
  },
};
