import { Button } from 'react-aria-components';
import { adaptersLabel } from '../../../domain/adapters.ts';
import type { StoredRun } from '../../../scoring/journal/run-archive.ts';
import { useApp } from '../../page/context.ts';
import { CsvButton } from '../../runs/CsvButton.tsx';
import { useRuns } from '../../runs/state/context.ts';
import { words } from '../text/strings.ts';

const texts = words.compare;

/** Buttons that choose another run of the file: one of the saved runs, or a CSV of results. */
export function OtherRunButtons(props: {
  isDisabled: boolean;
  onChoose: (source: { run: string } | { file: File }, name: string) => void;
}) {
  const { isDisabled, onChoose } = props;
  const results = useApp((state) => state.results);
  const runs = useRuns((state) => state.runs) ?? [];
  const kept = runs.filter(
    ({ id, state, header, rowsDone }) =>
      id !== results?.runId &&
      state !== 'damaged' &&
      rowsDone > 0 &&
      header?.csv.sha256 === results?.fileSha256,
  );
  return (
    <>
      {kept.map((run) => (
        <Button
          key={run.id}
          className="button"
          isDisabled={isDisabled}
          onPress={() => onChoose({ run: run.id }, keptName(run))}
        >
          {texts.kept}: {keptName(run)}
        </Button>
      ))}
      <CsvButton
        className="button"
        isDisabled={isDisabled}
        onChoose={({ file }) => onChoose({ file }, file.name)}
      >
        {texts.choose}
      </CsvButton>
    </>
  );
}

/** Names a saved run by its model and adapters. */
export function keptName({ header, notes }: StoredRun): string {
  if (header === null) return '';
  const { settings, model, adapters } = header;
  const adapter = adaptersLabel(adapters);
  return [
    notes.name ?? null,
    model.name,
    adapter ?? words.none_,
    settings.textMode,
    `max_length ${settings.maxLength}`,
    settings.tta ? 'TTA' : null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}
