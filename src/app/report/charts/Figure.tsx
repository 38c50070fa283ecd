import './charts.css';
import { type ReactNode, useState } from 'react';
import { usePaper } from '../parts/paper.ts';
import { words } from '../text/strings.ts';

/** A chart with its title and, folded away, the same numbers as a table. */
export function Figure(props: {
  title: string;
  help?: string;
  table: ReactNode;
  children: ReactNode;
}) {
  const { title, help, table, children } = props;
  // Hundreds of cells that mostly nobody asks for.
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
 * A table of numbers that may be wider than its place: it scrolls there, with the keyboard too. No landmark: it mostly
 * has the name of its card, which is one.
 */
export function ScrollTable(props: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    // biome-ignore lint/a11y/useSemanticElements: these are no fields
    <div className="number-scroll" role="group" aria-label={props.label} tabIndex={0}>
      <table className="number-table">{props.children}</table>
    </div>
  );
}

/** A plain table of numbers. The first cell of a row is its heading. */
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
          // biome-ignore lint/suspicious/noArrayIndexKey: rows never change places
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
