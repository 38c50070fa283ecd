import { type ReactNode, useId } from 'react';
import { useApp } from '../context.ts';
import { demoTag } from './notice.ts';

/** A part of the report. What the model says of itself stands beside its heading. */
export function ReportCard(props: {
  heading: string;
  aside?: ReactNode;
  help?: string;
  className?: string;
  children: ReactNode;
}) {
  const { heading, aside, help, className = '', children } = props;
  const id = useId();
  const notice = useApp(({ results }) => results?.engine.notice ?? null);
  return (
    <section className={`card report-card ${className}`} aria-labelledby={id}>
      <div className="report-head">
        <h2 id={id}>{heading}</h2>
        {notice !== null && <span className="tag-warning">{demoTag(notice)}</span>}
        {aside !== undefined && <span className="help numbers">{aside}</span>}
      </div>
      {help !== undefined && <p className="help">{help}</p>}
      {children}
    </section>
  );
}
