import { aborted, asTiebreakError, type TiebreakError } from '../../../domain/errors.ts';
import type { BuildProgress } from '../../../import/build.ts';
import type { ImportPlan, PackageOffer, StoredPackage } from '../../../packages/api.ts';
import {
  emptyForm,
  type ImportForm,
  isWhole,
  lackingBytes,
  lacksOf,
  requestOf,
} from './import-form.ts';

/** The plan of the import, or why there is none. */
type PlanState =
  /** Something must be chosen first. */
  | { status: 'none' }
  /** `last`: the previous plan, which stays in sight meanwhile. */
  | { status: 'asking'; last: ImportPlan | PackageOffer | null }
  | { status: 'ready'; plan: ImportPlan | PackageOffer }
  | { status: 'failed'; error: TiebreakError };

/** What the planner says of a plan; see {@link planAfter}. */
export type PlanReport = Exclude<PlanState, { status: 'asking' }> | { status: 'asking' };

/** Long work of the worker: at most one at a time. */
export interface Job {
  kind: 'import' | 'download' | 'verify' | 'repair' | 'export';
  /** The stored package; null for a new import or download. */
  id: string | null;
  cancelling: boolean;
  progress: MeteredProgress | null;
}

export interface MeteredProgress extends BuildProgress {
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

/** How something ended. */
export type Note =
  | { kind: 'verified' | 'repaired' | 'exported' | 'cancelled' | 'deleting' }
  /** `loaded`: it was also chosen for scoring. */
  | { kind: 'imported' | 'downloaded'; loaded: boolean }
  | { kind: 'failed'; error: TiebreakError }
  /** Files to be saved one by one. */
  | { kind: 'files'; files: { path: string; file: File }[] };

/** Where a folder or an address was given. */
export type Role = 'base' | 'adapter' | 'tokenizer';

/** Everything that the page shows of packages and imports. Never changed in place. */
export interface PackagesState {
  /** The card of imports and stored models is open. */
  isOpen: boolean;
  /** Counts how often the page opened the card for the user, who is then led there. */
  led: number;
  /** Null before the list was read for the first time. */
  packages: StoredPackage[] | null;
  listError: TiebreakError | null;
  /** Names of packages that were there at the last visit and that nobody deleted. */
  lost: readonly string[];
  form: ImportForm;
  plan: PlanState;
  job: Job | null;
  /** How the last import ended, when it did not succeed. */
  importNote: Note | null;
  /** A message about the last folder. */
  folderNote: { role: Role; text: string } | null;
  /** How the last work on a stored package ended, by id. */
  notes: Readonly<Record<string, Note>>;
}

/** Nothing known, nothing chosen. */
export function initialPackages(): PackagesState {
  return {
    isOpen: false,
    led: 0,
    packages: null,
    listError: null,
    lost: [],
    form: emptyForm(),
    plan: { status: 'none' },
    job: null,
    importNote: null,
    folderNote: null,
    notes: {},
  };
}

/** The plan of an import, or the previous one while another is asked for. */
export function knownPlan(plan: PlanState): ImportPlan | null {
  const known = latestPlan(plan);
  return known?.kind === 'import' ? known : null;
}

/** The finished package that lies at the address of the base; as with {@link knownPlan}. */
export function knownOffer(plan: PlanState): PackageOffer | null {
  const known = latestPlan(plan);
  return known?.kind === 'package' ? known : null;
}

/** The plan when the planner reports: while it asks, what was known before stays in sight. */
export function planAfter(previous: PlanState, report: PlanReport): PlanState {
  return report.status === 'asking' ? { ...report, last: latestPlan(previous) } : report;
}

/** How work ended that threw something. */
export function noteOf(thrown: unknown): Note {
  const error = asTiebreakError(thrown);
  return error.code === aborted().code ? { kind: 'cancelled' } : { kind: 'failed', error };
}

/** The plan of either kind. */
function latestPlan(plan: PlanState): ImportPlan | PackageOffer | null {
  if (plan.status === 'ready') return plan.plan;
  return plan.status === 'asking' ? plan.last : null;
}

/** Says whether only an adapter with a score head is missing. Nothing is wrong then: it has not been chosen yet. */
export function wantsAdapter({ plan, form }: Pick<PackagesState, 'plan' | 'form'>): boolean {
  const noHead = plan.status === 'failed' && plan.error.code === 'model/no-score';
  return noHead && form.adapters.length === 0;
}

/** Says whether the import can start now. */
export function canImport({ form, plan, job }: PackagesState): boolean {
  if (job !== null || plan.status !== 'ready') return false;
  const written = form.resume?.bytes ?? 0;
  if (plan.plan.kind === 'package') {
    return lackingBytes(plan.plan.bytes, plan.plan.available, written) === 0;
  }
  return (
    requestOf(form) !== null && form.name.trim() !== '' && isWhole(lacksOf(plan.plan, written))
  );
}

/** Says whether an import or download is going on. The form must not change then. */
export function isImporting({ job }: Pick<PackagesState, 'job'>): boolean {
  return job?.kind === 'import' || job?.kind === 'download';
}
