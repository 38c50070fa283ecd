import { Button } from 'react-aria-components';
import { errorText } from '../../i18n/error-text.ts';
import { strings } from '../../i18n/strings.ts';
import { useStore } from '../../page/context.ts';
import type { RestState } from '../../page/state.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';

const words = strings.run;

/** Pauses and resumes a run. */
export function PauseButton({ rest }: { rest: RestState }) {
  const store = useStore();
  // If the journal cannot be written, resuming is not the only answer.
  const isStuck = rest.status === 'resting' && rest.error !== null;
  return (
    <Button
      className={rest.status === 'no' ? 'button' : 'button button-primary'}
      isDisabled={isStuck}
      onPress={() => void (rest.status === 'no' ? store.run.pause() : store.run.resume())}
    >
      {rest.status === 'no' ? words.pause : words.resume}
    </Button>
  );
}

/** The reason why a run has paused, with the remedies. */
export function RestNote({ rest }: { rest: RestState }) {
  const store = useStore();
  if (rest.status === 'resting' && rest.error !== null) {
    const { message } = errorText(rest.error);
    return (
      <ErrorNote error={{ code: 'page/run-not-kept', message: words.noRoom, action: message }}>
        <p>{words.noRoomHelp}</p>
        <div className="buttons">
          <Button className="button" onPress={() => void store.run.resume('retry')}>
            {words.tryAgain}
          </Button>
          <Button className="button" onPress={() => void store.run.resume('without')}>
            {words.goOnWithout}
          </Button>
        </div>
      </ErrorNote>
    );
  }
  const text = { no: '', asked: words.pausingHelp, resting: words.paused }[rest.status];
  return (
    <p className="help" role="status">
      {text}
    </p>
  );
}
