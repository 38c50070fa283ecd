import { count } from '../format.ts';

const TRY_LATER = 'Try again later.';
const START_OVER = 'Try again. If this happens again, start over.';
const ENTER_ADDRESS =
  'Enter a Hugging Face repository as owner/name or owner/name@revision, or the address of a folder that starts with https://.';
const FETCH_AGAIN = 'The file is damaged or cut off. Fetch it again.';
const CHECK_PATH = 'Check the path and its permissions.';

/** A byte range [start, end) of a file. */
interface ByteRange {
  start: number;
  end: number;
}

/** English texts of errors, by their ids. */
export const storageErrors = {
  'storage/write:file': {
    message: ({ path, reason }: { path: string; reason: string }) =>
      `Cannot write ${path}: ${reason}.`,
    action: 'Check the folder and its permissions.',
  },
  'storage/open:read': {
    message: ({ reason }: { reason: string }) => `The file cannot be read: ${reason}.`,
    action: CHECK_PATH,
  },
  'storage/full:package': {
    message: ({ bytes, missing, free }: { bytes: number; missing: number; free: number }) =>
      `The package takes ${count(bytes)} bytes, of which ${count(missing)} are still to be written; the disk has ${count(free)} free.`,
    action: 'Free disk space, or choose another disk with --out.',
  },
  'storage/range:row': {
    message: ({ start }: { start: number }) => `There is no row at byte ${start}.`,
    action: 'The file changed after it was read. Choose it again.',
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
    action: FETCH_AGAIN,
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
    action: 'Choose the file or folder again.',
  },
  'storage/full': {
    message: 'The browser has no storage left for this page.',
    action:
      'Free space on the disk, or delete models and saved runs that you no longer need. Then continue.',
  },
  'storage/write:other-tab': {
    message: ({ path }: { path: string | null }) =>
      `${path ?? 'A file of this page'} is being written by another tab.`,
    action: 'Wait until it is finished, or close the other tab.',
  },
  'storage/write:browser': {
    message: ({ path, reason }: { path: string | null; reason: string }) =>
      `${path ?? 'A file of this page'} cannot be written: ${reason}`,
    action: 'Close other tabs of this page and try again.',
  },
  'storage/unreachable': {
    message: ({ host, given }: { host: string; given: string }) =>
      `${host} cannot be reached, so ${given} cannot be read.`,
    action: 'Check the connection and that the host allows requests from this page (CORS).',
  },
  'storage/network:status': {
    message: ({ path, status, statusText }: { path: string; status: number; statusText: string }) =>
      `The server answered ${status} ${statusText} for ${path}.`,
    action: TRY_LATER,
  },
  'storage/network:length-sent': {
    message: ({ path, sent, due }: { path: string; sent: number | null; due: number }) =>
      `The server sent ${sent ?? `more than ${due}`} bytes of ${path} where ${due} were due.`,
    action: TRY_LATER,
  },
  'storage/network:range': {
    message: ({ path, sent, asked }: { path: string; sent: ByteRange; asked: ByteRange }) =>
      `The server sent bytes ${sent.start} to ${sent.end} of ${path} where ${asked.start} to ${asked.end} were asked for.`,
    action: TRY_LATER,
  },
  'storage/network:broken': {
    message: ({ path }: { path: string }) => `The connection broke while ${path} was being read.`,
    action: TRY_LATER,
  },
  'storage/network:hidden-length': {
    message: ({ path }: { path: string }) => `The server hides the length of ${path}.`,
    action: 'Use another host, or download the folder and choose it.',
  },
  'storage/network:length': {
    message: ({ path, length }: { path: string; length: number }) =>
      `The server says that ${path} has a length of ${length} bytes.`,
    action: TRY_LATER,
  },
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
  'storage/changed:gone': {
    message: ({ name, start, end }: { name: string; start: number; end: number }) =>
      `${name} changed. The server has no bytes ${start} to ${end} any more.`,
    action: START_OVER,
  },
  'storage/changed:replaced': {
    message: ({ name }: { name: string }) =>
      `${name} changed. It was replaced on the server while it was being read.`,
    action: START_OVER,
  },
  'storage/changed:size': {
    message: ({ name, size }: { name: string; size: number }) =>
      `${name} changed. The server sent a file that has not ${size} bytes.`,
    action: START_OVER,
  },
  'storage/no-ranges': {
    message: ({ path }: { path: string }) =>
      `The server sends ${path} only as a whole, which would not fit into memory.`,
    action: 'Use a host that supports range requests, or download the folder and choose it.',
  },
  'storage/token:characters': {
    message: 'The access token contains invalid characters.',
    action: 'Copy the token again.',
  },
  'storage/token:unencrypted': {
    message: ({ host }: { host: string }) => `A token is not sent to ${host} without encryption.`,
    action: 'Use an address that starts with https://, or leave the token out.',
  },
  'storage/address:form': {
    message: ({ given }: { given: string }) =>
      `"${given}" is neither owner/name nor an http(s) address.`,
    action: ENTER_ADDRESS,
  },
  'storage/address:password': {
    message: 'The address has a password in it, which would be stored.',
    action:
      'Enter the address without user name and password, or a repository as owner/name. An access token has a field of its own.',
  },
  'storage/address:query': {
    message: 'An address with a “?” is not the address of a folder.',
    action: ENTER_ADDRESS,
  },
  'storage/address:not-model': {
    message: ({ url }: { url: string }) => `${url} is not a model on the hub.`,
    action: ENTER_ADDRESS,
  },
  'storage/address:not-page': {
    message: ({ url }: { url: string }) => `${url} is not the page of a model or of its files.`,
    action: ENTER_ADDRESS,
  },
  'storage/lfs-pointer': {
    message: ({ file }: { file: string }) => `${file} is a Git LFS pointer, not the file itself.`,
    action:
      'Run “git lfs pull” in the folder, or download the file from the model’s page, then choose the folder again.',
  },
  'storage/open': {
    message: ({ path, reason }: { path: string; reason: string }) =>
      `Cannot open ${path}: ${reason}.`,
    action: CHECK_PATH,
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
    action: 'Fetch the package again, or use another one.',
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
