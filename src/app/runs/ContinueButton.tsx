import { type ReactNode, useCallback } from 'react';
import { Button } from 'react-aria-components';
import type { StoredRun } from '../../scoring/journal/run-archive.ts';
import { useApp } from '../page/context.ts';
import { type AppState, isRunning } from '../page/state.ts';
import { CsvButton } from './CsvButton.tsx';
import { useRuns, useRunsStore } from './state/context.ts';
import type { ChosenFile } from './state/run-continuer.ts';
import { isOnPage } from './state/runs-state.ts';

/**
 * Continues a run, or shows it if it is complete. If the file is neither open nor can be found by the browser, the same
 * press opens the dialog to choose it.
 */
export function ContinueButton(props: {
  run: StoredRun;
  /** Names the run, to tell apart several buttons with the same text. */
  label?: string;
  isPrimary?: boolean;
  /** Called when the run has ended, or is shown. */
  onEnded?: () => void;
  children: ReactNode;
}) {
  const { run, label, isPrimary = false, onEnded, children } = props;
  const store = useRunsStore();
  const isDisabled = useApp(isRunning);
  const opening = useRuns((state) => state.opening);
  const isFindable = useRuns((state) => state.findable.has(run.id));
  const isOpen = useApp(useCallback((app: AppState) => hasFile(run, app), [run]));
  const isHere = useApp(useCallback((app: AppState) => isOnPage(run, app), [run]));
  async function go(chosen: ChosenFile | null) {
    const isThere = isHere && run.state === 'complete';
    if (isThere || (await store.continuer.start(run, { chosen }))) onEnded?.();
  }
  const className = isPrimary ? 'button button-small button-primary' : 'button button-small';
  if (isFindable || isOpen) {
    return (
      <Button
        className={className}
        aria-label={label}
        isDisabled={isDisabled || opening !== null}
        onPress={() => void go(null)}
      >
        {children}
      </Button>
    );
  }
  return (
    <CsvButton
      className={className}
      label={label}
      isDisabled={isDisabled || opening !== null}
      onChoose={(chosen) => void go(chosen)}
    >
      {children}
    </CsvButton>
  );
}

function hasFile({ header }: StoredRun, { csv }: AppState): boolean {
  return csv.status === 'ready' && csv.summary.sha256 === header?.csv.sha256;
}
