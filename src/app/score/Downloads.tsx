import { useState } from 'react';
import { Button, Label, Radio, RadioGroup } from 'react-aria-components';
import type { MissingRows } from '../../scoring/rows/row-events.ts';
import { strings } from '../i18n/strings.ts';
import { useRunsStore } from '../runs/context.ts';
import { saveBlob } from '../ui/save.ts';
import { useApp, useStore } from './context.ts';
import { END_FOCUS } from './use-bar-focus.ts';

const words = strings.downloads;

/** The props of a download of results. */
export interface Download {
  isBusy: boolean;
  /** Rows without a result; a submission never has them left out or invented without the user's say. */
  problemRows: number;
  missing: MissingRows | null;
  setMissing: (missing: MissingRows) => void;
  save: (how: MissingRows, name: string) => Promise<void>;
}

/** Downloads of the results on the page. Why one failed stands in the page's state. */
export function useDownload(): Download {
  const store = useStore();
  const runs = useRunsStore();
  const results = useApp((state) => state.results);
  const [isBusy, setBusy] = useState(false);
  const [missing, setMissing] = useState<MissingRows | null>(null);

  async function save(how: MissingRows, name: string) {
    setBusy(true);
    const blob = await store.exporter.csv(how);
    setBusy(false);
    if (blob === null) return;
    saveBlob(blob, name);
    if (name === words.completeName) void runs.list.downloaded();
  }

  return { isBusy, problemRows: results?.problemRows ?? 0, missing, setMissing, save };
}

/** The submission, when every row that can be scored is. It takes the focus when a run has ended. */
export function SubmissionButton({ download }: { download: Download }) {
  const { isBusy, problemRows, missing, save } = download;
  return (
    <Button
      {...END_FOCUS}
      className="button button-primary"
      isDisabled={isBusy || (problemRows > 0 && missing === null)}
      onPress={() => void save(missing ?? 'omit', words.completeName)}
    >
      {isBusy ? words.preparing : words.complete}
    </Button>
  );
}

/** The rows that are finished so far. */
export function FinishedRowsButton(props: { download: Download; className: string }) {
  const { download, className } = props;
  const { rows } = useStore();
  return (
    <Button
      className={className}
      isDisabled={download.isBusy || rows.scored === 0}
      onPress={() => void download.save('omit', words.partialName)}
    >
      {words.partial}
    </Button>
  );
}

/** The choice what becomes of rows that cannot be scored; nothing where there are none. */
export function MissingRowsChoice({ download }: { download: Download }) {
  const { problemRows, missing, setMissing } = download;
  if (problemRows === 0) return null;
  return (
    <RadioGroup
      className="missing"
      value={missing}
      onChange={(value) => setMissing(value === 'uniform' ? 'uniform' : 'omit')}
    >
      <Label className="field-label">{words.problemsLegend(problemRows)}</Label>
      <div className="missing-options">
        <Radio className="radio" value="omit">
          <span className="radio-dot" aria-hidden="true" />
          {words.omit(problemRows)}
        </Radio>
        <Radio className="radio" value="uniform">
          <span className="radio-dot" aria-hidden="true" />
          {words.uniform(problemRows)}
        </Radio>
      </div>
      <p className="help">
        {words.kaggle} {missing === null && words.chooseFirst}
      </p>
    </RadioGroup>
  );
}
