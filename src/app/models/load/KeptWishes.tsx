import { Button } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { AUTOMATIC, isRunning, type ModelWishes } from '../../page/state.ts';

const words = strings.model;

/** Lists the options that the user changed from automatic, with a way back; nothing if all are automatic. */
export function KeptWishes() {
  const store = useStore();
  const wishes = useApp((state) => state.wishes);
  const isDisabled = useApp(isRunning);
  const choices = choicesOf(wishes);
  if (choices.length === 0) return null;
  return (
    <p className="help">
      {words.kept.choices(choices)}{' '}
      <Button
        className="button button-small"
        isDisabled={isDisabled}
        onPress={() => void store.model.setWishes(AUTOMATIC)}
      >
        {words.kept.reset}
      </Button>
    </p>
  );
}

function choicesOf({ device, precision, executor, lanes, budgets }: ModelWishes): string[] {
  return [
    ...(device === 'auto' ? [] : [words.devices[device]]),
    ...(precision === 'auto' ? [] : [words.precisions[precision]]),
    ...(executor === 'auto' ? [] : [words.executors[executor]]),
    ...(lanes === 'auto' ? [] : [words.kept.lanes[lanes]]),
    ...Object.entries(budgets).map(([name, bytes]) => words.kept.budget(name, bytes)),
  ];
}
