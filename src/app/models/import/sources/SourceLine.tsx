import { Button } from 'react-aria-components';
import { strings } from '../../../i18n/strings.ts';
import { usePackagesStore } from '../../state/context.ts';
import type { Chosen } from '../../state/import-form.ts';

const words = strings.own;

/** A chosen source, or the step that makes it readable again. */
export function SourceLine({ chosen, isDisabled }: { chosen: Chosen; isDisabled: boolean }) {
  const store = usePackagesStore();
  const { label, source, locked } = chosen;
  return (
    <div className="source-line">
      {label !== '' && <p className="file-name source-label">{label}</p>}
      {source === null && <p className="problem">{words.mustChooseAgain}</p>}
      {locked && (
        <>
          <p className="problem">{words.mustAllow}</p>
          <Button
            className="button button-small"
            isDisabled={isDisabled}
            onPress={() => void store.form.allow()}
          >
            {words.allow}
          </Button>
        </>
      )}
    </div>
  );
}
