import { Button, Label, Radio, RadioGroup } from 'react-aria-components';
import { sentences } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';
import { useStore } from '../../page/context.ts';
import type { Download } from '../../runs/use-download.ts';
import { END_FOCUS } from './use-bar-focus.ts';

const words = strings.downloads;

/** Saves the submission once every row that can be scored is. Takes the focus at the end of a run. */
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

/** Saves the rows that are finished so far. */
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

/** Chooses the treatment of rows that cannot be scored; nothing if there are none. */
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
      <p className="help">{sentences(words.kaggle, missing === null && words.chooseFirst)}</p>
    </RadioGroup>
  );
}
