import { adaptersLabel } from '../../domain/adapters.ts';
import { TiebreakError } from '../../domain/errors.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { ExecutorChoice } from '../../engine/executor/executor.ts';
import type { Difference } from '../../texts/en/errors/run.ts';
import { placeOfId } from './place-of-id.ts';
import { type EngineRecord, enginesOf, type JournalHeader } from './records.ts';

/** The part of a header that identifies a run. */
type Identity = Pick<JournalHeader, 'numbers' | 'csv' | 'model' | 'adapters' | 'settings'>;

const SETTINGS = Object.keys({
  textMode: true,
  maxLength: true,
  truncation: true,
  spread: true,
  tta: true,
} satisfies Record<keyof RunSettings, true>) as (keyof RunSettings)[];

/** Differences that make `now` another run than `then`. If there is one, the run cannot be continued. */
export function differences(then: Identity, now: Identity): Difference[] {
  const found: Difference[] = [];
  const { csv, model } = now;
  if (then.csv.sha256 !== csv.sha256) found.push({ what: 'file', was: then.csv, is: csv });
  if (then.model.sha256 !== model.sha256) {
    found.push({ what: 'model', was: then.model, is: model });
  }
  if (adaptersLabel(then.adapters) !== adaptersLabel(now.adapters)) {
    const [was, is] = [then, now].map(({ adapters }) => ({ adapters }));
    found.push({ what: 'adapter', was: was!, is: is! });
  }
  for (const key of SETTINGS) compare(found, key, then.settings[key], now.settings[key]);
  if (found.length === 0) {
    // The inputs are the same, but another version of the app may read them differently.
    const reading = ({ csv: { rows, sequences }, numbers }: Identity) => ({
      numbers,
      rows,
      sequences,
    });
    const [was, is] = [reading(then), reading(now)];
    if (JSON.stringify(was) !== JSON.stringify(is)) found.push({ what: 'reading', was, is });
  }
  return found;
}

/** Differences that change the last digits of results. The user may decide to continue in spite of them. */
export function engineDifferences(then: EngineRecord, now: EngineRecord): Difference[] {
  const found: Difference[] = [];
  const known = enginesOf(then);
  // A lane that is missing now changes no number, so only engines that are new count.
  for (const engine of enginesOf(now)) {
    if (known.some((other) => sameNumbers(other, engine))) continue;
    const was = known.find((other) => other.computesOn === engine.computesOn) ?? then.engine;
    if (was.computesOn !== engine.computesOn) {
      const [place, other] = [was, engine].map(({ computesOn }) => placeOfId(computesOn));
      found.push({ what: 'device', was: { place: place! }, is: { place: other! } });
    }
    if (!sameExecutor(was, engine)) {
      const [old, chosen] = [was, engine].map(({ executor, variant }) => ({ executor, variant }));
      found.push({ what: 'executor', was: old!, is: chosen! });
    }
    compare(found, 'without', namesOf(was.without), namesOf(engine.without));
    compare(found, 'precision', was.precision, engine.precision);
    compare(found, 'softCap', was.softCap, engine.softCap);
  }
  compare(found, 'padding', then.plan.padMultiple, now.plan.padMultiple);
  compare(found, 'scoreBytes', then.plan.scoreBytesOfOne, now.plan.scoreBytesOfOne);
  const groups = [then, now].map(({ plan }) => plan.headGroups?.join(', ') ?? null);
  compare(found, 'headGroups', groups[0]!, groups[1]!);
  if (then.plan.maxScoreBytes > now.plan.maxScoreBytes) {
    compare(found, 'largestBuffer', then.plan.maxScoreBytes, now.plan.maxScoreBytes);
  }
  return found;
}

function compare(
  found: Difference[],
  what: Difference['what'],
  was: string | number | boolean | null,
  is: string | number | boolean | null,
): void {
  if (was !== is) found.push({ what, was, is });
}

function namesOf(savings: readonly string[] = []): string | null {
  return savings.length === 0 ? null : [...savings].sort().join(', ');
}

function sameNumbers(a: EngineInfo, b: EngineInfo): boolean {
  return (
    a.computesOn === b.computesOn &&
    sameExecutor(a, b) &&
    a.precision === b.precision &&
    namesOf(a.without) === namesOf(b.without) &&
    a.softCap === b.softCap
  );
}

/** True if two executors compute the same numbers. Only our kernels have variants. */
function sameExecutor(a: ExecutorChoice, b: ExecutorChoice): boolean {
  if (a.executor !== 'wgsl' || b.executor !== 'wgsl') {
    return a.executor !== 'wgsl' && b.executor !== 'wgsl';
  }
  return a.variant === b.variant;
}

/** The error `journal/differs`, for a run with another file, model or settings than the chosen ones. */
export function differsError(found: readonly Difference[]): TiebreakError {
  return new TiebreakError('journal/differs', { params: { differences: found } });
}

/** The error `journal/engine`, for a run whose results would change in their last digits without the user's consent. */
export function engineError(found: readonly Difference[]): TiebreakError {
  return new TiebreakError('journal/engine', { params: { differences: found } });
}
