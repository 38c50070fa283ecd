import { strings } from '../../i18n/strings.ts';
import { Meter } from '../../ui/feedback/Meter.tsx';
import type { Job } from '../state/packages-state.ts';

const words = strings.own;

/** The progress bar of a job with its numbers, each in a fixed place so that nothing moves. */
export function JobProgress({ job }: { job: Job }) {
  const { kind, progress } = job;
  if (progress === null) {
    return (
      <div className="run-progress">
        <Meter label={words.jobs[kind]} fraction={null} />
        <p className="run-numbers job-numbers numbers">{words.starting}</p>
        <p className="job-what help" />
      </div>
    );
  }
  const { step, done, total, what, bytesPerSecond, secondsLeft } = progress;
  return (
    <div className="run-progress">
      <Meter label={words.jobs[kind]} fraction={total === 0 ? null : Math.min(1, done / total)} />
      <p className="run-numbers job-numbers numbers">
        <span>{words.doneOf(done, total)}</span>
        <span>{bytesPerSecond === null ? words.unknown : words.rate(bytesPerSecond)}</span>
        <span>{secondsLeft === null ? words.unknown : words.left(secondsLeft)}</span>
      </p>
      <p className="job-what help">
        {words.steps[kind][step]}: {what}
      </p>
    </div>
  );
}
