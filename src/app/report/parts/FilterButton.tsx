import { Button } from 'react-aria-components';
import type { Filter } from '../../../report/query.ts';
import { useReport, useReportStore } from '../state/use-report.ts';
import { usePaper } from './paper.ts';

/** A name that switches a filter on and off. @param props.label the effect of a press, for screen readers. */
export function FilterButton(props: { name: string; label: string; filter: Filter }) {
  const { name, label, filter } = props;
  const store = useReportStore();
  useReport(({ query }) => query.filters);
  if (usePaper()) return name;
  return (
    <Button
      className="link-button"
      aria-label={label}
      aria-pressed={store.finder.has(filter)}
      onPress={() => store.finder.toggle(filter)}
    >
      {name}
    </Button>
  );
}
