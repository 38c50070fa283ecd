import { TiebreakError } from '../domain/errors.ts';

/** Origin of the Hugging Face hub. */
export const HUB = 'https://huggingface.co';

const HUB_HOSTS = new Set(['huggingface.co', 'www.huggingface.co', 'hf.co']);
const REPO = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@([A-Za-z0-9][\w./+-]*))?$/;
/** First path segments of hub addresses that are not owners of models. */
const NO_OWNER = new Set(['datasets', 'spaces', 'docs', 'blog', 'papers', 'collections', 'models']);

/**
 * The URL of the folder that an address denotes, ending in `/`. `owner/name` and `owner/name@revision` denote models on
 * the Hugging Face hub, as do the addresses of their pages; any other http(s) URL is the folder itself.
 * @throws TiebreakError `storage/address` for anything else.
 */
export function remoteFolder(address: string): URL {
  const text = address.trim();
  const repo = REPO.exec(text);
  if (repo !== null && !HUB_HOSTS.has(text.split('/')[0]!)) return hubFolder(repo[1]!, repo[2]);
  const withScheme = HUB_HOSTS.has(text.split('/')[0]!) ? `https://${text}` : text;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const given = text.slice(0, 200);
    throw new TiebreakError('storage/address:form', { params: { given } });
  }
  if (url.username !== '' || url.password !== '') {
    throw new TiebreakError('storage/address:password');
  }
  if (HUB_HOSTS.has(url.hostname)) return hubPage(url);
  // A query may be a signature, which must not be stored, and requests for files of the folder would lack it.
  if (url.search !== '') throw new TiebreakError('storage/address:query');
  return new URL(`${url.origin}${url.pathname.replace(/\/*$/, '/')}`);
}

/**
 * The address that the user gave for the folder of a file: `owner/name` on the hub, with `@revision` unless that is
 * `main`; elsewhere the URL of the folder.
 * @param url of the file.
 * @param path of the file in its folder.
 */
export function givenAddress(url: URL, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const folder = url.href.endsWith(encoded) ? url.href.slice(0, -encoded.length) : url.href;
  const [owner, name, view, revision = 'main', ...rest] = url.pathname.split('/').filter(Boolean);
  // For a folder inside a repository only the whole URL is unambiguous.
  if (url.origin !== HUB || view !== 'resolve' || rest.join('/') !== encoded) return folder;
  return `${owner}/${name}${revision === 'main' ? '' : `@${decodeURIComponent(revision)}`}`;
}

function hubPage(url: URL): URL {
  const [owner = '', name = '', view, revision, ...rest] = url.pathname.split('/').filter(Boolean);
  const repo = REPO.exec(`${owner}/${name}`);
  const params = { url: url.href };
  if (repo === null || NO_OWNER.has(owner)) {
    throw new TiebreakError('storage/address:not-model', { params });
  }
  if (view === undefined) return hubFolder(repo[0]);
  if (revision === undefined || !['tree', 'resolve', 'raw', 'blob'].includes(view)) {
    throw new TiebreakError('storage/address:not-page', { params });
  }
  if (view === 'blob' || view === 'raw') rest.pop();
  // Pages have a revision such as refs/pr/1 as one segment, which is encoded already.
  const parts = [repo[0], 'resolve', revision, ...rest];
  return new URL(`${HUB}/${parts.join('/')}/`);
}

function hubFolder(repo: string, revision = 'main'): URL {
  return new URL(`${HUB}/${repo}/resolve/${encodeURIComponent(revision)}/`);
}
