import { type ReactNode, useId } from 'react';
import type { ReportPart } from './parts.ts';

/** A part of the report, to which the list at the top links. */
export function ReportCard(props: {
  /** The part's name in that list. */
  part: ReportPart;
  heading: string;
  aside?: ReactNode;
  help?: string;
  className?: string;
  children: ReactNode;
}) {
  const { part, heading, aside, help, className = '', children } = props;
  const id = useId();
  return (
    <section className={`card report-card ${className}`} aria-labelledby={id}>
      <div className="report-head">
        <h2 id={id} tabIndex={-1} data-part={part}>
          {heading}
        </h2>
        {aside !== undefined && <span className="help numbers">{aside}</span>}
      </div>
      {help !== undefined && <p className="help">{help}</p>}
      {children}
    </section>
  );
}
