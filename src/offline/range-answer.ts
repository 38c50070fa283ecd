/**
 * The answer to a request for a range out of a file that is stored whole: caches keep no partial answers. Headers stay
 * as the host sent them. A range that cannot be read as one part gets the whole, as HTTP allows.
 */
export async function rangeAnswer(range: string, whole: Response): Promise<Response> {
  const blob = await whole.blob();
  const wanted = parseRange(range, blob.size);
  const headers = new Headers(whole.headers);
  // Stored answers have been decompressed already.
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
  // A slice of a blob would lose its type, which the headers say anyway.
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
