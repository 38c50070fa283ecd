import { useState } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import type { StoredRun } from '../../scoring/journal/run-archive.ts';
import { strings } from '../i18n/strings.ts';
import { ConfirmDialog } from '../ui/controls/ConfirmDialog.tsx';
import { runName } from './state/run-name.ts';

const words = strings.runs.again;

/**
 * Asks before existing results are computed again. The earlier run is kept, unless the user wants it deleted once the
 * new one is complete. `earlier` is null if the results on the page are not saved and would be lost.
 */
export function StartAgain(props: {
  earlier: StoredRun | null;
  isOpen: boolean;
  onCancel: () => void;
  /** `replaces`: the run to delete at the end. */
  onStart: (replaces: string | undefined) => void;
}) {
  const { earlier, isOpen, onCancel, onStart } = props;
  const [deletes, setDeletes] = useState(false);
  return (
    <ConfirmDialog
      heading={words.heading}
      agree={strings.run.again}
      decline={strings.runs.cancel}
      isOpen={isOpen}
      onClose={(agreed) => {
        setDeletes(false);
        if (agreed) onStart(deletes ? earlier?.id : undefined);
        else onCancel();
      }}
    >
      {earlier === null
        ? words.unsaved
        : words.text(runName(earlier), earlier.rowsDone, earlier.header!.csv.rows)}
      {earlier !== null && (
        <RadioGroup
          className="setting"
          value={deletes ? 'delete' : 'keep'}
          onChange={(value) => setDeletes(value === 'delete')}
        >
          <Label className="field-label">{words.earlier}</Label>
          <Radio className="radio" value="keep">
            <span className="radio-dot" aria-hidden="true" />
            {words.keep}
          </Radio>
          <Radio className="radio" value="delete">
            <span className="radio-dot" aria-hidden="true" />
            {words.delete}
          </Radio>
        </RadioGroup>
      )}
    </ConfirmDialog>
  );
}
