import { Button } from 'react-aria-components';
import type { Progress } from '../../../scoring/events.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { RunLanes } from '../../results/RunLanes.tsx';
import { NotifySwitch } from './NotifySwitch.tsx';
import { ProgressCounts } from './RunProgress.tsx';
import { canNotify } from './watch.ts';

const words = strings.run;

/** True if there are details beyond the bar of a run. */
export function useHasMore(): boolean {
  const lanes = useApp(({ run }) => ('progress' in run ? (run.progress?.lanes.length ?? 0) : 0));
  const streamed = useApp(({ results }) => results?.engine.streamedBytes ?? 0);
  return canNotify() !== 'unsupported' || lanes > 1 || streamed > 0;
}

/** Details that are seldom needed during a run; on a narrow screen also its numbers and the cancel button. */
export function RunMore(props: { id: string; progress: Progress | null; isNarrow: boolean }) {
  const { id, progress, isNarrow } = props;
  const store = useStore();
  const engine = useApp((state) => state.results?.engine);
  const isCancelling = useApp((state) => state.run.status === 'cancelling');
  return (
    <div className="run-more" id={id}>
      {isNarrow && (
        <>
          {progress !== null && <ProgressCounts progress={progress} />}
          <Button
            className="button"
            isDisabled={isCancelling}
            onPress={() => void store.run.cancel()}
          >
            {isCancelling ? words.cancelling : words.cancel}
          </Button>
        </>
      )}
      <RunLanes lanes={progress?.lanes ?? []} />
      {engine !== undefined && engine.streamedBytes > 0 && (
        <p className="help">
          {strings.model.streamed(engine.residentLayers, engine.layers, engine.streamedBytes)}
        </p>
      )}
      <NotifySwitch />
    </div>
  );
}
