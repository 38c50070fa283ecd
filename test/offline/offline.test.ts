import { describe, expect, test } from 'vitest';
import { rangeAnswer } from '../../src/offline/range-answer.ts';
import { groupOf, headersOf, isWanted, withHeaders } from '../../src/offline/shell.ts';

describe('files stored in advance', () => {
  const wanted = (path: string, webgpu: boolean, jspi: boolean) =>
    isWanted({ group: groupOf(path) }, { webgpu, jspi });

  test.each([
    ['', true, true, true],
    ['assets/index-abc.js', true, true, true],
    ['import/packages.worker-abc.js', true, true, true],
    ['assets/ort-wasm-simd-threaded-4byDm7i3.wasm', true, true, true],
    ['assets/ort.wasm.bundle.min-abc.js', true, true, true],
    ['assets/ort-wasm-simd-threaded.jspi-CP6SXO_B.wasm', false, true, false],
    ['assets/ort.jspi.bundle.min-abc.js', false, true, false],
    ['assets/ort-wasm-simd-threaded.asyncify-CxOG5pUO.wasm', false, false, true],
    ['assets/ort.webgpu.bundle.min-abc.js', false, false, true],
    ['models/demo/tokenizer.json', true, true, true],
    ['models/demo/model_demo.onnx', false, false, false],
  ])('%s', (path, withoutGpu, withJspi, withAsyncify) => {
    expect([
      wanted(path, false, true),
      wanted(path, true, true),
      wanted(path, true, false),
    ]).toEqual([withoutGpu, withJspi, withAsyncify]);
  });
});

describe('an answer to a range', () => {
  const whole = () =>
    new Response('0123456789', {
      headers: {
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
        'Content-Security-Policy': "default-src 'none'",
        ETag: '"v1"',
      },
    });

  test.each([
    ['bytes=0-1', 206, '01', 'bytes 0-1/10'],
    ['bytes=9-9', 206, '9', 'bytes 9-9/10'],
    ['bytes=4-99', 206, '456789', 'bytes 4-9/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=10-12', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=3-1', 200, '0123456789', null],
    ['bytes=0-1,4-5', 200, '0123456789', null],
    ['rows=0-1', 200, '0123456789', null],
    ['bytes=-', 200, '0123456789', null],
  ])('%s', async (range, status, text, contentRange) => {
    const answer = await rangeAnswer(range, whole());
    expect(answer.status).toBe(status);
    expect(answer.headers.get('Content-Range')).toBe(contentRange);
    expect(answer.headers.get('Content-Length')).toBe(String(text.length));
    // The host's own headers stay, since a worker's policy comes with its script.
    expect(answer.headers.get('Content-Security-Policy')).toBe("default-src 'none'");
    expect(answer.headers.get('Content-Type')).toBe('application/json');
    expect(answer.headers.get('ETag')).toBe('"v1"');
    expect(answer.headers.has('Content-Encoding')).toBe(false);
    expect(await answer.text()).toBe(text);
  });
});

test('an answer gets the headers that its host did not send, and keeps the others', async () => {
  const patterns = {
    '/*': { 'Cross-Origin-Embedder-Policy': 'require-corp', 'X-One': 'all' },
    '/import/*': { 'X-One': 'import' },
  };
  const bare = new Response('text', { status: 206, headers: { 'Content-Type': 'text/css' } });
  const full = withHeaders(bare, headersOf(patterns, '/import/a.js'));
  expect([full.status, await full.text()]).toEqual([206, 'text']);
  expect(Object.fromEntries(full.headers)).toEqual({
    'content-type': 'text/css',
    'cross-origin-embedder-policy': 'require-corp',
    'x-one': 'all, import',
  });
  const sent = new Response('', { headers: { 'X-One': 'own' } });
  expect(withHeaders(sent, headersOf(patterns, '/')).headers.get('X-One')).toBe('own');
});
