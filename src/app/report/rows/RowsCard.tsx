import './rows.css';
import { type RefObject, useState } from 'react';
import { Button, Input, Label, SearchField } from 'react-aria-components';
import { FIELDS, type Field } from '../../../report/query.ts';
import { useApp } from '../../page/context.ts';
import { Choice } from '../../ui/controls/Choice.tsx';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { saveBlob } from '../../ui/files/save.ts';
import { useMedia } from '../../ui/layout/use-media.ts';
import { ReportCard } from '../parts/ReportCard.tsx';
import { useReport, useReportStore } from '../state/use-report.ts';
import { words } from '../text/strings.ts';
import { FilterChips } from './FilterChips.tsx';
import { MoreFilters } from './MoreFilters.tsx';
import { ReportTable } from './ReportTable.tsx';

const texts = words.table;
// Fixed heights as in the table of the first screen, so that 100,000 rows need no measuring.
const ROW_HEIGHT = { wide: 38, narrow: 76 };

/** Returns the fields that this run has. */
function useFields(): Field[] {
  const hasOrders = useReport(({ figures }) => figures.distribution?.orders != null);
  const hasLabels = useReport(({ facts }) => (facts?.labelled ?? 0) > 0);
  const isReward = useApp(({ results }) => results?.engine.reading === 'reward');
  const isCompared = useReport(({ other }) => other !== null);
  return FIELDS.filter((field) => {
    if (field === 'gap') return hasOrders;
    if (field === 'margin') return isReward;
    if (field === 'loss') return hasLabels;
    return field !== 'change' || isCompared;
  });
}

/** The rows, to search, filter, sort and save. */
export function RowsCard(props: {
  anchor: RefObject<HTMLDivElement | null>;
  onOpen: (row: number) => void;
}) {
  const { anchor, onOpen } = props;
  const store = useReportStore();
  const query = useReport((state) => state.query);
  const view = useReport((state) => state.view);
  const finding = useReport((state) => state.finding);
  const all = useReport(({ facts }) => facts?.rows ?? 0);
  const exporting = useReport((state) => state.exporting);
  const exportError = useReport((state) => state.exportError);
  const fileName = useApp(({ results }) => results?.fileName ?? '');
  const fields = useFields();
  const [failed, setFailed] = useState(false);
  const narrow = useMedia('(max-width: 720px)');
  const rowHeight = narrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const isSearching = finding && query.text.trim() !== '' && view !== null;

  async function save() {
    const exported = await store.exporter.shown();
    setFailed(exported === null);
    if (exported === null) return;
    const base = fileName.replace(/\.[^.]*$/, '') || 'rows';
    saveBlob(exported.csv, `${base}.report.csv`);
    saveBlob(exported.manifest, `${base}.report.${texts.manifestName}.json`);
  }

  return (
    <ReportCard
      part="table"
      heading={texts.heading}
      className="rows-card screen-only"
      aside={view === null ? undefined : texts.shown(view.rows.length, all)}
    >
      <div className="row-tools" ref={anchor} tabIndex={-1}>
        <SearchField
          className="field search"
          value={query.text}
          onChange={(text) => store.finder.setText(text)}
        >
          <Label className="field-label">{texts.search}</Label>
          <div className="input-line">
            <Input className="input" />
            {query.text !== '' && (
              <Button className="button" aria-label={texts.clearSearch}>
                ×
              </Button>
            )}
          </div>
        </SearchField>
        <Choice
          label={texts.sortBy}
          value={query.sort.field}
          onChange={(field) => store.finder.setSort({ ...query.sort, field })}
          options={fields.map((id) => ({ id, label: texts.fields[id] }))}
        />
        <Button
          className="button"
          onPress={() =>
            store.finder.setSort({ ...query.sort, descending: !query.sort.descending })
          }
        >
          {query.sort.descending ? texts.descending : texts.ascending}
        </Button>
      </div>
      <MoreFilters fields={fields} />
      <FilterChips />
      <p className="help search-state" role="status">
        {isSearching ? texts.searching(view.done, view.total) : ''}
        {isSearching && (
          <Button className="link-button" onPress={() => void store.finder.stop()}>
            {texts.stop}
          </Button>
        )}
      </p>
      {view !== null && view.rows.length === 0 && !finding ? (
        <p className="empty">{texts.empty}</p>
      ) : (
        <ReportTable key={rowHeight} rowHeight={rowHeight} onOpen={onOpen} />
      )}
      <div className="buttons">
        <Button
          className="button button-primary"
          isDisabled={exporting || view === null || view.rows.length === 0}
          onPress={() => void save()}
        >
          {exporting ? texts.exporting : texts.export}
        </Button>
        <p className="help export-help">{texts.exportHelp}</p>
      </div>
      {failed && exportError !== null && <ErrorNote error={exportError} />}
    </ReportCard>
  );
}
