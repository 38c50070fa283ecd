import { useReport } from '../state/use-report.ts';
import { words } from '../text/strings.ts';
import { PARTS, type ReportPart } from './parts.ts';

/** Links to the parts of this report. */
export function JumpLinks() {
  const quality = useReport(({ figures }) => figures.quality !== null);
  const slices = useReport(({ figures }) => (figures.quality?.slices.length ?? 0) > 0);
  const ranked = useReport(({ figures }) => figures.leaderboard !== null);
  const ranking = useReport(({ figures, facts }) => !figures.done && (facts?.models ?? 0) > 1);
  const absent: Partial<Record<ReportPart, boolean>> = {
    quality: !quality,
    slices: !slices,
    leaderboard: !ranked && !ranking,
  };
  return (
    <nav aria-label={words.jump}>
      <ul className="jump">
        {PARTS.filter((part) => !absent[part]).map((part) => (
          <li key={part}>
            <a
              href={`#report?${part}`}
              onClick={(event) => {
                // The address stays that of the screen, so that going back leaves the screen.
                event.preventDefault();
                jumpTo(part);
              }}
            >
              {words[part].heading}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Scrolls to a part of the report and moves the focus to its heading. */
export function jumpTo(part: ReportPart): void {
  const heading = document.querySelector<HTMLElement>(`[data-part="${part}"]`);
  heading?.closest('section')?.scrollIntoView({ block: 'start' });
  heading?.focus({ preventScroll: true });
}
