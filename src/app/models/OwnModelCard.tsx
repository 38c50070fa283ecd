import type { StoredPackage } from '../../packages/api.ts';
import { strings } from '../i18n/strings.ts';
import { Fold } from '../ui/layout/Fold.tsx';
import { LazyBody } from '../ui/lazy/LazyBody.tsx';
import { LazyPart } from '../ui/lazy/lazy-part.ts';
import { JobAnnouncer } from './jobs/JobAnnouncer.tsx';
import { usePackages, usePackagesStore } from './state/context.ts';
import type { PackagesState } from './state/packages-state.ts';

const words = strings.own;
const BODY = new LazyPart(() => import('./OwnModels.tsx'));

/** Models that the user makes from files of Hugging Face and keeps in the browser. Folded at first. */
export function OwnModelCard() {
  const store = usePackagesStore();
  const aside = usePackages(asideText);
  const isOpen = usePackages((state) => state.isOpen);
  return (
    <section className="card own" aria-labelledby="own-heading">
      <Fold
        headingId="own-heading"
        heading={words.heading}
        aside={aside}
        isOpen={isOpen}
        onToggle={(open) => store.setOpen(open)}
      >
        <LazyBody part={BODY} props={{}} />
      </Fold>
      <JobAnnouncer />
    </section>
  );
}

/** The summary in the head of the folded card. */
function asideText({ packages, job }: PackagesState): string {
  if (job !== null) {
    const { done = 0, total = 0 } = job.progress ?? {};
    const percent = total === 0 ? 0 : Math.floor((100 * done) / total);
    return words.asideJob(words.jobs[job.kind], percent);
  }
  const count = (state: StoredPackage['state']) =>
    packages?.filter((stored) => stored.state === state).length ?? 0;
  const parts: string[] = [];
  if (count('complete') > 0) parts.push(words.asideStored(count('complete')));
  const [waiting, ...more] = packages?.filter(({ state }) => state === 'partial') ?? [];
  if (waiting !== undefined) {
    parts.push(more.length > 0 ? words.asideSeveralPartial(more.length + 1) : partialText(waiting));
  }
  if (count('damaged') > 0) parts.push(words.asideDamaged);
  return parts.length === 0 ? words.aside : parts.join(', ');
}

/** Names the interrupted import or download and the bytes that it has. */
function partialText({ name, bytes, total, address }: StoredPackage): string {
  const percent = total === null ? null : Math.min(99, Math.floor((100 * bytes) / total));
  return words.asidePartial[address === null ? 'import' : 'download'](name, percent);
}
