import { type ReactNode, useState } from 'react';

/** A heading with a line beside it that opens content below: created on first opening, and kept from then on. */
export function Fold(props: {
  /** Id of the heading, which names its card. */
  headingId: string;
  heading: string;
  aside: ReactNode;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
  children: ReactNode;
}) {
  const { headingId, heading, aside, isOpen, onToggle, children } = props;
  const [wasOpen, setWasOpen] = useState(isOpen);
  if (isOpen && !wasOpen) setWasOpen(true);
  return (
    <details open={isOpen} onToggle={(event) => onToggle(event.currentTarget.open)}>
      <summary className="own-summary">
        <h2 id={headingId}>{heading}</h2>
        <span className="own-aside help numbers">{aside}</span>
        <svg className="icon own-chevron" viewBox="0 0 16 16" aria-hidden="true">
          <path d="m4 6.5 4 4 4-4" />
        </svg>
      </summary>
      {wasOpen && <div className="own-body">{children}</div>}
    </details>
  );
}
