import { useState } from 'react';
import { Button, Label, Radio, RadioGroup } from 'react-aria-components';
import type { MissingRows } from '../../run/events.ts';
import { useApp, useRunsStore, useStore } from '../context.ts';
import { saveBlob } from '../save.ts';
import type { ResultsInfo } from '../state.ts';
import { strings } from '../strings.ts';
import { ErrorNote } from './ErrorNote.tsx';

const words = strings.downloads;

/** Finished rows at any time, and the submission when every row that can be scored is. */
export function Downloads({ results }: { results: ResultsInfo }) {
  const store = useStore();
  const runs = useRunsStore();
  const error = useApp((state) => state.exportError);
  const [busy, setBusy] = useState(false);
  const [missing, setMissing] = useState<MissingRows | null>(null);
  const { problemRows, complete } = results;
  // A submission never has a missing or an invented row without the user's say.
  const undecided = problemRows > 0 && missing === null;

  async function save(how: MissingRows, name: string) {
    setBusy(true);
    const blob = await store.exportCsv(how);
    setBusy(false);
    if (blob === null) return;
    saveBlob(blob, name);
    if (name === words.completeName) void runs.fetched();
  }

  return (
    <div className="downloads">
      {complete && problemRows > 0 && (
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
            {words.kaggle} {undecided && words.chooseFirst}
          </p>
        </RadioGroup>
      )}
      <div className="buttons">
        {complete && (
          <Button
            className="button button-primary"
            isDisabled={busy || undecided}
            onPress={() => void save(missing ?? 'omit', words.completeName)}
          >
            {busy ? words.preparing : words.complete}
          </Button>
        )}
        <Button
          className="button"
          isDisabled={busy || store.rows.scored === 0}
          onPress={() => void save('omit', words.partialName)}
        >
          {words.partial}
        </Button>
      </div>
      {error !== null && <ErrorNote error={error} />}
    </div>
  );
}
