import { useEffect } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../i18n/strings.ts';
import { usePackagesStore } from '../models/state/context.ts';
import { useApp, useStore } from '../page/context.ts';
import { isRunning } from '../page/state.ts';
import { ScriptMissingError } from '../ui/lazy/lazy-part.ts';
import type { FailedPart } from '../ui/lazy/PartBoundary.tsx';
import { nothingToLose, reloadForNewVersion } from './new-version.ts';

const words = strings.screens.failed;

/** Stands in for a part of the page that failed, with buttons to try again and to reload the page. */
export const PartFailed: FailedPart = function PartFailed({ thrown, isScreen, onRetry }) {
  const app = useStore();
  const packages = usePackagesStore();
  const running = useApp(isRunning);
  const unsaved = useApp(({ results }) => results !== null && results.unjournaled !== null);
  const isMissing = thrown instanceof ScriptMissingError;
  useEffect(() => {
    // A part inside a screen fails while the screen is in use: a pair that is typed there would be lost.
    if (!isMissing || !isScreen) return;
    if (nothingToLose(app.getState(), packages.getState())) void reloadForNewVersion();
  }, [isMissing, isScreen, app, packages]);
  return (
    <div className="note note-error" role="alert">
      <p className="note-title">{isMissing ? words.missing : words.broken}</p>
      <p>{isMissing ? words.missingHelp : words.brokenHelp}</p>
      {running && <p>{unsaved ? words.runningUnsaved : words.running}</p>}
      <div className="buttons">
        <Button className="button" onPress={onRetry}>
          {words.tryAgain}
        </Button>
        <Button className="button" onPress={() => location.reload()}>
          {words.reload}
        </Button>
      </div>
      <details>
        <summary>{strings.errorNote.original}</summary>
        <p lang="en">{thrown instanceof Error ? thrown.message : String(thrown)}</p>
      </details>
    </div>
  );
};
