import { Button } from 'react-aria-components';
import { subjectOf } from '../../../report/query.ts';
import { useReport, useReportStore } from '../state/use-report.ts';
import { filterText } from '../text/filter-text.ts';
import { words } from '../text/strings.ts';

/** The active filters, each with a button to remove it. */
export function FilterChips() {
  const store = useReportStore();
  const filters = useReport(({ query }) => query.filters);
  const table = useReport((state) => state.table);
  if (filters.length === 0) return null;
  return (
    <ul className="chips" aria-label={words.table.filters}>
      {filters.map((filter) => {
        const text = filterText(filter, table);
        return (
          <li key={subjectOf(filter)}>
            <Button
              className="chip"
              aria-label={words.table.remove(text)}
              onPress={() => store.finder.remove(filter)}
            >
              {text}
              <span aria-hidden="true">×</span>
            </Button>
          </li>
        );
      })}
      <li>
        <Button className="link-button" onPress={() => store.finder.clearFilters()}>
          {words.table.clear}
        </Button>
      </li>
    </ul>
  );
}

/** The number of matching rows with a link to them, visible at any scroll position. */
export function FilterBar({ onShow }: { onShow: () => void }) {
  const store = useReportStore();
  const filters = useReport(({ query }) => query.filters);
  const view = useReport((state) => state.view);
  const all = useReport(({ facts }) => facts?.rows ?? 0);
  const isOn = filters.length > 0 && view !== null;
  return (
    <div className={isOn ? 'filter-bar filter-bar-on' : 'filter-bar'}>
      <p role="status" className="numbers">
        {isOn && words.table.shown(view.rows.length, all)}
      </p>
      {isOn && (
        <div className="buttons">
          <Button className="button button-small button-primary" onPress={onShow}>
            {words.table.toTable}
          </Button>
          <Button className="button button-small" onPress={() => store.finder.clearFilters()}>
            {words.table.clear}
          </Button>
        </div>
      )}
    </div>
  );
}
