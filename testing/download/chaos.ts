import { asTiebreakError, TiebreakError } from '../../src/domain/errors.ts';
import { parseManifest } from '../../src/model/manifest.ts';
import { MANIFEST } from '../../src/model/manifest-name.ts';
import { downloadPackage } from '../../src/packages/download/download.ts';
import { planDownload } from '../../src/packages/download/plan.ts';
import { repairPackage } from '../../src/packages/download/repair.ts';
import { readSlices } from '../../src/packages/download/slices.ts';
import { HttpFiles } from '../../src/storage/http-files.ts';
import { readAll, readText } from '../../src/storage/package-files.ts';
import type { PackageSink } from '../../src/storage/sink.ts';
import { Dice } from '../fuzz/dice.ts';
import { FAULT_KINDS, serveBadly, type Temper } from './chaos-server.ts';
import { SLICE, samplePackage, sha256 } from './sample.ts';

/** The outcome of a scenario. */
export interface Report {
  /** `bounded`: the host behaves after some faults, so that trying again must succeed. */
  kind: 'bounded' | 'hostile' | 'replaced';
  /** `complete`, or the code of the error of the last session. */
  end: string;
  /** Codes of the errors of earlier sessions. */
  earlier: string[];
  /** The outcome of repairing a damaged byte; null if there was nothing to repair. */
  repair: string | null;
  requests: number;
  faults: Map<string, number>;
}

/** Sessions that try to continue, like a user who reloads the page. */
const SESSIONS = { bounded: 40, hostile: 3, replaced: 6 };

/**
 * Downloads a package from a host whose faults depend on the seed, in several sessions, some of which are cancelled at
 * some byte. @throws Error if anything but the package is accepted, or an error has no name.
 */
export async function chaos(seed: number, sink: PackageSink): Promise<Report> {
  const dice = new Dice(seed);
  const packages = [samplePackage(2 * seed + 1), samplePackage(2 * seed + 2)] as const;
  const kind = dice.pick(['bounded', 'bounded', 'hostile', 'hostile', 'replaced'] as const);
  const faults = new Map<string, number>();
  const server = await serveBadly(...packages, temperOf(kind, dice), dice, faults);
  const report: Report = { kind, end: '', earlier: [], repair: null, requests: 0, faults };
  try {
    for (let session = 0; session < SESSIONS[kind]; session += 1) {
      if (session > 0) report.earlier.push(report.end);
      report.end = await attempt(server.url, sink, dice);
      if (report.end === 'complete') break;
    }
    if (report.end === 'complete') {
      await checkAccepted(sink, packages);
      report.repair = await damageAndRepair(server.url, sink, dice);
      if (report.repair === 'complete') await checkAccepted(sink, packages);
    } else if (await isThere(sink, MANIFEST)) {
      throw new Error(`seed ${seed}: there is a manifest after ${report.end}`);
    }
    report.requests = server.requests.length;
    return report;
  } finally {
    await server.close();
  }
}

function temperOf(kind: Report['kind'], dice: Dice): Temper {
  const some = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(FAULT_KINDS));
  const kinds = dice.chance(0.5) ? FAULT_KINDS : some;
  const chance = dice.pick([0.02, 0.1, 0.3]);
  if (kind === 'bounded') return { kinds, chance, most: 1 + dice.below(20) };
  if (kind === 'hostile') {
    return { kinds, chance: dice.pick([chance, 0.6, 1]), most: Number.POSITIVE_INFINITY };
  }
  return { kinds, chance: 0.02, most: 3, replacedAfter: 1 + dice.below(60) };
}

async function attempt(url: URL, sink: PackageSink, dice: Dice): Promise<string> {
  const abort = new AbortController();
  const files = open(url, abort.signal);
  const stopAt = dice.chance(0.2) ? dice.next() : 2;
  return endOf(async () => {
    await downloadPackage(await planDownload(files), sink, {
      sliceBytes: SLICE,
      parallel: 1 + dice.below(6),
      signal: abort.signal,
      onProgress: ({ done, total }) => {
        if (done / total >= stopAt) abort.abort();
      },
    });
  });
}

async function damageAndRepair(url: URL, sink: PackageSink, dice: Dice): Promise<string> {
  const manifest = parseManifest(await readText(sink.files, MANIFEST));
  const path = dice.pick(Object.keys(manifest.files).filter((name) => name !== 'notes/empty.txt'));
  const bytes = await readAll(sink.files, path);
  const at = dice.below(bytes.length);
  await sink.patch(path, at, Uint8Array.of(bytes[at]! ^ (1 << dice.below(8))));
  return endOf(async () => {
    const slices = await readSlices(sink.files);
    const found = await repairPackage(open(url), sink, manifest, slices, { sliceBytes: SLICE });
    const [damage] = found;
    if (found.length !== 1 || damage?.path !== path || damage.ranges.length !== 1) {
      throw new Error(`${path}, byte ${at}: found ${JSON.stringify(found)}`);
    }
  });
}

function open(url: URL, signal?: AbortSignal): HttpFiles {
  return new HttpFiles(url, { signal, backoffMs: 1, maxWaitMs: 5, stallMs: 60 });
}

async function endOf(work: () => Promise<void>): Promise<string> {
  try {
    await work();
    return 'complete';
  } catch (thrown) {
    const error = asTiebreakError(thrown);
    if (!(thrown instanceof TiebreakError)) throw thrown;
    if (error.message === '' || error.code.startsWith('internal/')) throw thrown;
    return error.code;
  }
}

/** Compares the accepted files with the served package, using Node's own SHA-256. */
async function checkAccepted(
  sink: PackageSink,
  packages: readonly ReadonlyMap<string, Uint8Array>[],
): Promise<void> {
  const text = sha256(await readAll(sink.files, MANIFEST));
  const truth = packages.find((files) => sha256(files.get(MANIFEST)!) === text);
  if (truth === undefined) throw new Error('a manifest was accepted that nobody wrote');
  for (const [path, bytes] of truth) {
    if (sha256(await readAll(sink.files, path)) !== sha256(bytes)) {
      throw new Error(`${path} was accepted and is corrupt`);
    }
  }
}

async function isThere(sink: PackageSink, path: string): Promise<boolean> {
  return sink.files.open(path).then(
    () => true,
    () => false,
  );
}
