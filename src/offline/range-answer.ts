/**
 * Answers a range request from a file that is stored whole, because caches store no partial responses. Headers stay as
 * the host sent them. A `Range` header that is malformed or names several ranges gets the whole file, as HTTP allows.
 * @param range value of the `Range` header.
 */
export async function rangeAnswer(range: string, whole: Response): Promise<Response> {
  const blob = await whole.blob();
  const wanted = parseRange(range, blob.size);
  const headers = new Headers(whole.headers);
  // The cache stores decompressed bodies.
  headers.delete('Content-Encoding');
  if (wanted === 'all') {
    headers.set('Content-Length', String(blob.size));
    return new Response(blob, { status: 200, headers });
  }
  if (wanted === 'none') {
    headers.set('Content-Range', `bytes */${blob.size}`);
    headers.set('Content-Length', '0');
    return new Response(null, { status: 416, statusText: 'Range Not Satisfiable', headers });
  }
  const [start, end] = wanted;
  headers.set('Content-Range', `bytes ${start}-${end - 1}/${blob.size}`);
  headers.set('Content-Length', String(end - start));
  // A slice has no type of its own; `headers` names it.
  return new Response(blob.slice(start, end), {
    status: 206,
    statusText: 'Partial Content',
    headers,
  });
}

function parseRange(range: string, size: number): [number, number] | 'all' | 'none' {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? [];
  if (first === '' && last === '') return 'all';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'none' : [size - length, size];
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < start) return 'all';
  return start >= size ? 'none' : [start, end];
}
