import { strings } from '../i18n/strings.ts';
import { useApp } from '../page/context.ts';
import { ConfirmDialog } from '../ui/controls/ConfirmDialog.tsx';
import { useRuns, useRunsStore } from './state/context.ts';
import { runName } from './state/run-name.ts';

const words = strings.runs;

/** Asks before a saved run replaces results that only this page has. */
export function DiscardUnsaved() {
  const store = useRunsStore();
  const run = useRuns(({ asking }) => asking);
  const fileName = useApp(({ results }) => results?.fileName ?? '');
  return (
    <ConfirmDialog
      heading={strings.file.replaceHeading}
      agree={strings.file.replace}
      decline={words.cancel}
      isDanger
      isOpen={run !== null}
      onClose={store.continuer.decide}
    >
      {run !== null && words.discardText(fileName, runName(run))}
    </ConfirmDialog>
  );
}
