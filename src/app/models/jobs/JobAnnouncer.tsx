import { strings } from '../../i18n/strings.ts';
import { usePackages } from '../state/context.ts';
import type { PackagesState } from '../state/packages-state.ts';

const words = strings.own;

/**
 * Announces the progress of a job to screen readers: its start and every tenth. Its end is announced by the note that
 * shows it.
 */
export function JobAnnouncer() {
  const text = usePackages(announcement);
  return (
    <p className="hidden" role="status">
      {text}
    </p>
  );
}

function announcement({ job }: PackagesState): string {
  if (job === null) return '';
  if (job.cancelling) return words.cancelling;
  const { step = 'weights', done = 0, total = 0 } = job.progress ?? {};
  const tenths = total === 0 ? 0 : Math.floor((10 * done) / total);
  if (tenths === 0 && step === 'weights') return words.announceStart(words.jobs[job.kind]);
  return words.announceProgress(words.steps[job.kind][step], tenths * 10);
}
