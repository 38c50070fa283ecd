import { adaptersLabel } from '../../domain/adapters.ts';
import { TiebreakError } from '../../domain/errors.ts';
import type { RunSettings } from '../../domain/settings.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { executorText } from '../../engine/executor/executor.ts';
import { type EngineRecord, enginesOf, type JournalHeader } from './records.ts';

/** A fact that has changed since a run began. */
interface Difference {
  what: string;
  was: string;
  is: string;
}

/** The part of a header that identifies a run. */
type Identity = Pick<JournalHeader, 'numbers' | 'csv' | 'model' | 'adapters' | 'settings'>;

const SETTING_NAMES: Record<keyof RunSettings, string> = {
  textMode: 'text mode',
  maxLength: 'max_length',
  truncation: 'truncation',
  spread: 'spread_max_length',
  tta: 'both orders (TTA)',
};

/** Differences that make `now` another run than `then`. If there is one, the run cannot be continued. */
export function differences(then: Identity, now: Identity): Difference[] {
  const found: Difference[] = [];
  const compare = (what: string, a: string | number, b: string | number) => {
    if (a !== b) found.push({ what, was: String(a), is: String(b) });
  };
  if (then.csv.sha256 !== now.csv.sha256) compare('file', fileText(then.csv), fileText(now.csv));
  if (then.model.sha256 !== now.model.sha256) {
    compare('model', hashed(then.model), hashed(now.model));
  }
  const adapters = [then, now].map((side) => adaptersLabel(side.adapters) ?? 'none');
  compare('adapter', adapters[0]!, adapters[1]!);
  for (const [key, name] of Object.entries(SETTING_NAMES) as [keyof RunSettings, string][]) {
    compare(name, valueText(then.settings[key]), valueText(now.settings[key]));
  }
  if (found.length === 0) {
    // The inputs are the same, but another version of the app may read them differently.
    const reading = ({ csv, numbers }: Identity) =>
      `version ${numbers}, ${csv.rows} rows, ${csv.sequences} texts`;
    compare('way of computing', reading(then), reading(now));
  }
  return found;
}

/** Differences that change the last digits of results. The user may decide to continue in spite of them. */
export function engineDifferences(then: EngineRecord, now: EngineRecord): Difference[] {
  const found: Difference[] = [];
  const compare = (what: string, a: string | number | null, b: string | number | null) => {
    if (a !== b) found.push({ what, was: String(a ?? 'none'), is: String(b ?? 'none') });
  };
  const known = enginesOf(then);
  // A lane that is missing now changes no number, so only engines that are new count.
  for (const engine of enginesOf(now)) {
    if (known.some((other) => sameNumbers(other, engine))) continue;
    const was = known.find((other) => other.computesOn === engine.computesOn) ?? then.engine;
    compare('device', was.computesOn, engine.computesOn);
    compare('executor', executorText(was), executorText(engine));
    compare('savings left out', namesOf(was.without), namesOf(engine.without));
    compare('precision', was.precision, engine.precision);
    compare('soft cap', was.softCap, engine.softCap);
  }
  compare('padding', then.plan.padMultiple, now.plan.padMultiple);
  compare('bytes of attention scores', then.plan.scoreBytesOfOne, now.plan.scoreBytesOfOne);
  const groups = [then, now].map(({ plan }) => plan.headGroups?.join(', ') ?? null);
  compare('groups of heads', groups[0]!, groups[1]!);
  if (then.plan.maxScoreBytes > now.plan.maxScoreBytes) {
    compare('largest buffer', then.plan.maxScoreBytes, now.plan.maxScoreBytes);
  }
  return found;
}

function namesOf(savings: readonly string[] = []): string | null {
  return savings.length === 0 ? null : [...savings].sort().join(', ');
}

function sameNumbers(a: EngineInfo, b: EngineInfo): boolean {
  return (
    a.computesOn === b.computesOn &&
    executorText(a) === executorText(b) &&
    a.precision === b.precision &&
    namesOf(a.without) === namesOf(b.without) &&
    a.softCap === b.softCap
  );
}

/** The error `journal/differs`, for a run with another file, model or settings than the chosen ones. */
export function differsError(found: readonly Difference[]): TiebreakError {
  return new TiebreakError('journal/differs', { params: { differences: found } });
}

/** The error `journal/engine`, for a run whose results would change in their last digits without the user's consent. */
export function engineError(found: readonly Difference[]): TiebreakError {
  return new TiebreakError('journal/engine', { params: { differences: found } });
}

function fileText({ name, bytes, sha256 }: JournalHeader['csv']): string {
  return `${name} (${bytes} bytes, sha256 ${sha256.slice(0, 8)}…)`;
}

function hashed({ name, sha256 }: JournalHeader['model']): string {
  return `${name} (sha256 ${sha256.slice(0, 8)}…)`;
}

function valueText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}
