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

/** The plan of the import, or the reason why there is none. */
type PlanState =
  /** A required choice is missing. */
  | { status: 'none' }
  /** `last`: the previous plan, which stays visible meanwhile. */
  | { status: 'asking'; last: ImportPlan | PackageOffer | null }
  | { status: 'ready'; plan: ImportPlan | PackageOffer }
  | { status: 'failed'; error: TiebreakError };

/** A planner's report; see {@link planAfter}. */
export type PlanReport = Exclude<PlanState, { status: 'asking' }> | { status: 'asking' };

/** A job of the worker: at most one at a time. */
export interface Job {
  kind: 'import' | 'download' | 'verify' | 'repair' | 'export';
  /** Id of the stored package; null for a new import or download. */
  id: string | null;
  cancelling: boolean;
  progress: MeteredProgress | null;
}

export interface MeteredProgress extends BuildProgress {
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

/** The outcome of a job. */
export type Note =
  | { kind: 'verified' | 'repaired' | 'exported' | 'cancelled' | 'deleting' }
  /** `loaded`: it was also loaded for scoring. */
  | { kind: 'imported' | 'downloaded'; loaded: boolean }
  | { kind: 'failed'; error: TiebreakError }
  /** Files to save one by one. */
  | { kind: 'files'; files: { path: string; file: File }[] };

/** The part of an import for which a folder or an address was given. */
export type Role = 'base' | 'adapter' | 'tokenizer';

/** The state of packages and imports. Never changed in place. */
export interface PackagesState {
  /** True while the card of imports and stored models is open. */
  isOpen: boolean;
  /** Counts how often the page opened the card for the user and moved the focus there. */
  led: number;
  /** Null until the list is read. */
  packages: StoredPackage[] | null;
  listError: TiebreakError | null;
  /** Names of packages of the last visit that are missing without having been deleted on the page. */
  lost: readonly string[];
  form: ImportForm;
  plan: PlanState;
  job: Job | null;
  /** The outcome of the last import, if it failed. */
  importNote: Note | null;
  /** A message about the last folder. */
  folderNote: { role: Role; text: string } | null;
  /** The outcome of the last job on each stored package, by id. */
  notes: Readonly<Record<string, Note>>;
}

/** The state before anything is read or chosen. */
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

/** The plan of an import; the previous one while a new one is being made. */
export function knownPlan(plan: PlanState): ImportPlan | null {
  const known = latestPlan(plan);
  return known?.kind === 'import' ? known : null;
}

/** The finished package at the address of the base; as with {@link knownPlan}. */
export function knownOffer(plan: PlanState): PackageOffer | null {
  const known = latestPlan(plan);
  return known?.kind === 'package' ? known : null;
}

/** Applies a planner's report: while it is asking, the previous plan stays visible. */
export function planAfter(previous: PlanState, report: PlanReport): PlanState {
  return report.status === 'asking' ? { ...report, last: latestPlan(previous) } : report;
}

/** The note for a job that threw. */
export function noteOf(thrown: unknown): Note {
  const error = asTiebreakError(thrown);
  return error.code === aborted().code ? { kind: 'cancelled' } : { kind: 'failed', error };
}

/** The latest plan, of an import or a download. */
function latestPlan(plan: PlanState): ImportPlan | PackageOffer | null {
  if (plan.status === 'ready') return plan.plan;
  return plan.status === 'asking' ? plan.last : null;
}

/** True if only an adapter with a score head is missing: no error, but a choice not yet made. */
export function wantsAdapter({ plan, form }: Pick<PackagesState, 'plan' | 'form'>): boolean {
  const noHead = plan.status === 'failed' && plan.error.code === 'model/no-score';
  return noHead && form.adapters.length === 0;
}

/** True if the import can start now. */
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

/** True during an import or download. The form must not change then. */
export function isImporting({ job }: Pick<PackagesState, 'job'>): boolean {
  return job?.kind === 'import' || job?.kind === 'download';
}
