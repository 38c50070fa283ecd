import { Component, type ReactNode, useEffect } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../i18n/strings.ts';
import { usePackagesStore } from '../models/state/context.ts';
import { useApp, useStore } from '../page/context.ts';
import { isRunning } from '../page/state.ts';
import { nothingToLose, reloadForNewVersion } from './new-version.ts';
import { ScreenMissingError } from './screen-parts.ts';

const words = strings.screens.failed;

interface Props {
  children: ReactNode;
  /** Renders the screen again. */
  onRetry: () => void;
}

/** Contains the errors of a screen, or of loading its script: tabs and a run continue. */
export class ScreenBoundary extends Component<Props, { thrown: unknown; failed: boolean }> {
  override state = { thrown: null as unknown, failed: false };

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown, failed: true };
  }

  override render() {
    const { thrown, failed } = this.state;
    return failed ? <Failed thrown={thrown} onRetry={this.props.onRetry} /> : this.props.children;
  }
}

function Failed({ thrown, onRetry }: { thrown: unknown; onRetry: () => void }) {
  const app = useStore();
  const packages = usePackagesStore();
  const running = useApp(isRunning);
  const unsaved = useApp(({ results }) => results !== null && results.unjournaled !== null);
  const isMissing = thrown instanceof ScreenMissingError;
  useEffect(() => {
    if (isMissing && nothingToLose(app.getState(), packages.getState())) void reloadForNewVersion();
  }, [isMissing, app, packages]);
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
}
