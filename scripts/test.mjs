import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import {
  bin,
  ensureDemoModel,
  ensureInstalled,
  interrupted,
  main,
  root,
  runNode,
  runProgram,
} from './setup.mjs';

// npm test: all checks in one command. npm run test:all: includes the slow tests; with --rest only those. The last line
// is `N passed, N failed, N skipped`: the tests of Vitest and Playwright, and one each for lint, types, demo model and
// build. A failing step does not stop the others. What failed is named again above that line.

/** The tests to run: those without the tag `slow`, those with it, or both. */
const WHICH = ['--rest', '--all'].find((option) => process.argv.includes(option)) ?? '--quick';
const isWanted = (isSlow) => WHICH === '--all' || isSlow === (WHICH === '--rest');

// Milliseconds after which a hanging runner is stopped.
const RUNNER_TIMEOUT_MS = 60 * 60_000;

const total = { passed: 0, failed: 0, skipped: 0 };
/** What failed, a line each; the outputs of the runners are too long to search. */
const failures = [];
const reports = mkdtempSync(join(tmpdir(), 'tiebreak-test-'));

await main(async () => {
  try {
    await ensureInstalled();
    if (WHICH !== '--rest') {
      await check('lint and format', () => runNode([bin('@biomejs/biome', 'biome'), 'check']));
      await check('types', () => runNode([join(root, 'scripts/types.mjs')]));
    }
    await check('demo model', async () => {
      await ensureDemoModel();
      return 0;
    });
    await check('build', () => runNode([bin('vite'), 'build', '--logLevel', 'warn']));
    const browser = await findBrowser();
    await unitTests();
    await browserTests(browser);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
    fail('tests', error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
  if (failures.length > 0) process.stdout.write(`\n${failures.join('\n')}\n`);
  process.stdout.write(
    `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
  );
  return total.failed === 0 ? 0 : 1;
});

/** Runs a step that counts as one test. */
async function check(title, step) {
  heading(title);
  let code = 1;
  try {
    code = await step();
    stopIfInterrupted();
  } catch (error) {
    stopIfInterrupted();
    process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
  }
  process.stdout.write(code === 0 ? 'ok\n' : `FAILED with exit code ${code}\n`);
  if (code === 0) total.passed += 1;
  else fail(title, `exit code ${code}`);
}

/** Counts a failure and notes it for the end. */
function fail(title, message) {
  total.failed += 1;
  note(title, message);
}

/** Notes a failed test and the first line of its message for the end. */
function note(title, message = '') {
  const [line] = stripVTControlCharacters(message).split('\n', 1);
  failures.push(`FAILED: ${title}: ${line.slice(0, 300)}`);
}

async function unitTests() {
  heading('unit and reference tests (Vitest)');
  const report = join(reports, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const filter = { '--quick': ['--tags-filter=!slow'], '--rest': ['--tags-filter=slow'] }[WHICH];
  const files = WHICH === '--rest' ? slowTestFiles() : [];
  const code = await runNode([bin('vitest'), 'run', ...reporters, ...(filter ?? []), ...files], {
    env: withVulkan(process.env),
    timeout: RUNNER_TIMEOUT_MS,
  });
  count(code, report, ({ testResults }) => {
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    // Vitest reports tests outside its filter as skipped. A file that cannot be loaded has no tests and a failure of
    // its own.
    const wanted = tests.filter(({ tags }) => isWanted(tags.includes('slow')));
    const broken = testResults.filter((file) => {
      return file.status === 'failed' && file.assertionResults.every((t) => t.status !== 'failed');
    });
    const passed = wanted.filter(({ status }) => status === 'passed').length;
    for (const { name, message } of broken) note(relative(root, name), message);
    let failed = broken.length;
    for (const { name, assertionResults } of testResults) {
      for (const test of assertionResults.filter(({ status }) => status === 'failed')) {
        failed += 1;
        note(`${relative(root, name)}: ${test.fullName}`, test.failureMessages[0]);
      }
    }
    return { passed, failed, skipped: wanted.length + broken.length - passed - failed };
  });
}

/** The files with slow tests; loading all others would take half a minute. */
function slowTestFiles() {
  const paths = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test', path))
    .filter((path) => readFileSync(join(root, path), 'utf8').includes("tags: ['slow']"));
}

/** Dawn in Node needs a Vulkan loader. If the system has none, Debian's Chromium provides one, and SwiftShader. */
function withVulkan(env) {
  const folder = '/usr/lib/chromium';
  const system = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/libvulkan.so.1`);
  if (system.some(existsSync) || !existsSync(join(folder, 'libvulkan.so.1'))) return env;
  const { LD_LIBRARY_PATH: path } = env;
  return { ...env, LD_LIBRARY_PATH: path ? `${path}${delimiter}${folder}` : folder };
}

async function browserTests(browser) {
  heading('browser tests (Playwright)');
  if (browser === null) {
    process.stdout.write(
      'FAILED: no Chromium was found and none could be installed. Set CHROME_PATH to a Chrome, Chromium or Edge.\n',
    );
    fail('browser tests', 'no Chromium');
    return;
  }
  const playwright = bin('@playwright/test', 'playwright');
  const report = join(reports, 'playwright.json');
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
  // Without CHROME_PATH, Playwright uses its own browser.
  if (browser !== '') env.CHROME_PATH = browser;
  const filter = { '--quick': ['--grep-invert=@slow'], '--rest': ['--grep=@slow'] }[WHICH] ?? [];
  const code = await runNode([playwright, 'test', '--reporter=list,json', ...filter], {
    env,
    timeout: RUNNER_TIMEOUT_MS,
  });
  count(code, report, ({ stats, suites }) => {
    for (const suite of suites) noteSpecs(suite);
    return {
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    };
  });
}

/** Notes the failed tests of a suite of Playwright's report. */
function noteSpecs({ file, suites = [], specs = [] }) {
  for (const suite of suites) noteSpecs(suite);
  for (const spec of specs) {
    for (const { status, projectName, results } of spec.tests) {
      if (status !== 'unexpected' && status !== 'flaky') continue;
      note(
        `[${projectName}] ${file}:${spec.line} ${spec.title}`,
        results.find(({ error }) => error)?.error.message,
      );
    }
  }
}

/** ^C stops all steps, not only the running one. */
function stopIfInterrupted() {
  if (interrupted) throw new Error('Interrupted.');
}

/** Adds a runner's counts. A runner that failed without a failed test counts as one failure. */
function count(code, report, read) {
  stopIfInterrupted();
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = read(JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    counts.failed = 1;
    note('runner', 'the tests wrote no report');
  }
  if (code !== 0 && counts.failed === 0) {
    counts.failed = 1;
    note('runner', `no test failed, but the exit code is ${code}`);
  }
  for (const key of Object.keys(total)) total[key] += counts[key];
}

/** Path of a browser, '' for Playwright's own, null if there is none and none can be installed. */
async function findBrowser() {
  const found = installedBrowser();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    process.stdout.write('No browser found: installing Chromium with apt-get…\n');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) => runProgram('apt-get', ['-qq', ...args], { env }).catch(() => 1);
    if ((await apt('update')) === 0)
      await apt('install', '-y', '--no-install-recommends', 'chromium');
    const installed = installedBrowser();
    if (installed !== undefined) return installed;
  }
  process.stdout.write("No browser found: installing Playwright's Chromium…\n");
  return (await runNode([bin('@playwright/test', 'playwright'), 'install', 'chromium'])) === 0
    ? ''
    : null;
}

function installedBrowser() {
  const { CHROME_PATH, PATH = '', LOCALAPPDATA = '', PROGRAMFILES = '' } = process.env;
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
  ];
  // On Ubuntu chromium-browser may be a script that only asks for a snap; real browsers are in these folders too.
  const inPath = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const windows = [PROGRAMFILES, `${PROGRAMFILES} (x86)`, LOCALAPPDATA].flatMap((folder) => [
    join(folder, 'Google/Chrome/Application/chrome.exe'),
    join(folder, 'Microsoft/Edge/Application/msedge.exe'),
  ]);
  const mac = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  );
  const elsewhere = { win32: windows, darwin: mac }[process.platform] ?? [];
  return [CHROME_PATH, ...inPath, ...elsewhere].find((path) => path && existsSync(path));
}

function heading(title) {
  process.stdout.write(`\n== ${title}\n`);
}
