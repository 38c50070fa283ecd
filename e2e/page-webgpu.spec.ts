import { toKaggleCsv } from '../src/data/csv/kaggle.ts';
import { largestDifference, scoreInNode } from '../testing/browser/compare.ts';
import {
  chooseCsv,
  download,
  expect,
  modelReady,
  openOnGpu,
  test,
} from '../testing/browser/page.ts';
import { makeRows } from '../testing/runs.ts';

/** Script and WebAssembly of ONNX Runtime. */
const ONNX_RUNTIME = /\/ort[.-][^/]*$/;

test('an emulated GPU is used on request only, says so and gives the results of the CPU', async ({
  app,
}) => {
  const csv = toKaggleCsv(makeRows(6, 9, 6));
  // Of the page and of its workers.
  let onnxRuntime: string[] = [];
  app.context().on('request', (request) => {
    if (ONNX_RUNTIME.test(request.url())) onnxRuntime.push(request.url());
  });
  await app.reload();
  await modelReady(app);
  expect(onnxRuntime).not.toEqual([]);
  await expect(app.getByText(/^CPU \(WebAssembly/).first()).toBeVisible();
  await expect(app.getByText(/emulated in software/).first()).toBeVisible();
  onnxRuntime = [];
  await openOnGpu(app);
  await modelReady(app);
  await expect(app.getByText(/swiftshader.*\(WebGPU\)/i).first()).toBeVisible();
  await expect(app.getByText('float32').first()).toBeAttached();
  await chooseCsv(app, { name: 'test.csv', content: csv });
  await app.getByRole('button', { name: 'Start' }).click();
  await expect(app.getByText(/^6 rows scored in/).first()).toBeVisible({ timeout: 170_000 });
  // Our own kernels compute without it.
  await expect(app.getByText('Own kernels, float32').first()).toBeAttached();
  expect(onnxRuntime).toEqual([]);
  const { lines } = await download(app, 'Download submission.csv');
  const difference = largestDifference(lines, scoreInNode(csv));
  process.stdout.write(
    `  WebGPU in the page and WebAssembly in Node differ by at most ${difference.toExponential(1)}\n`,
  );
  expect(difference).toBeLessThan(1e-4);
});
