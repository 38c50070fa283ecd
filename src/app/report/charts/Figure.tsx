import './charts.css';
import { type ReactNode, useState } from 'react';
import { usePaper } from '../parts/paper.ts';
import { words } from '../text/strings.ts';

/** A chart with its title and, folded, the same numbers as a table. */
export function Figure(props: {
  title: string;
  help?: string;
  table: ReactNode;
  children: ReactNode;
}) {
  const { title, help, table, children } = props;
  // The table has hundreds of cells that few readers open.
  const isPaper = usePaper();
  const [isOpen, setOpen] = useState(isPaper);
  return (
    <figure className="figure">
      <figcaption>
        <span className="figure-title">{title}</span>
        {help !== undefined && <span className="help">{help}</span>}
      </figcaption>
      {children}
      <details
        className="figure-table"
        onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      >
        <summary>{words.asTable}</summary>
        {isOpen && table}
      </details>
    </figure>
  );
}

/**
 * A table of numbers that scrolls if it is too wide, by keyboard too. It is not a landmark, since its card of the same
 * name is one.
 */
export function ScrollTable(props: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields
    <div className="number-scroll" role="group" aria-label={props.label} tabIndex={0}>
      <table className="number-table">{props.children}</table>
    </div>
  );
}

/** A plain table of numbers. The first cell of a row is its header. */
export function NumberTable(props: { label: string; head: string[]; rows: ReactNode[][] }) {
  const { label, head, rows } = props;
  return (
    <ScrollTable label={label}>
      <thead>
        <tr>
          {head.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...cells], i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows never change their order
          <tr key={i}>
            <th scope="row">{first}</th>
            {cells.map((cell, c) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <td key={c}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
