import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { Probabilities } from '../../../domain/probabilities.ts';
import { probabilityFault } from '../../../stats/figures/post.ts';
import { TEMPERATURE_RANGE } from '../../../stats/methods/temperature.ts';
import { count } from '../../i18n/format.ts';
import { useApp } from '../../page/context.ts';
import { SwitchSetting } from '../../ui/controls/Setting.tsx';
import { TextInput } from '../../ui/controls/TextInput.tsx';
import { NumberTable } from '../charts/Figure.tsx';
import { ReportCard } from '../parts/ReportCard.tsx';
import { useReport, useReportStore } from '../state/use-report.ts';
import { intervalText, signed } from '../text/numbers.ts';
import { words } from '../text/strings.ts';
import { AdaptersStep } from './AdaptersStep.tsx';
import { AverageStep } from './AverageStep.tsx';

const texts = words.post;

/** The steps of post-processing with their effects. */
export function PostCard() {
  const store = useReportStore();
  const post = useReport((state) => state.post);
  const effects = useReport(({ figures }) => figures.effects);
  const adapters = useApp(({ results }) => results?.adapters.length ?? 0);
  return (
    <ReportCard
      part="post"
      heading={texts.heading}
      help={texts.help}
      className={effects.length === 0 && adapters < 2 ? 'screen-only' : ''}
    >
      <div className="post">
        {/* A value set elsewhere needs new fields. */}
        <TemperatureField key={`temperature ${post.temperature}`} value={post.temperature} />
        <FixedField
          key={`empty ${post.empty}`}
          label={texts.empty}
          names={texts.emptyNames}
          value={post.empty}
          onChange={(empty) => void store.choices.setPost({ empty })}
        />
        <FixedField
          key={`identical ${post.identical}`}
          label={texts.identical}
          names={texts.identicalNames}
          value={post.identical}
          onChange={(identical) => void store.choices.setPost({ identical })}
        />
        <AdaptersStep />
        <AverageStep />
      </div>
      {effects.length === 0 ? (
        <p className="help">{texts.noEffect}</p>
      ) : (
        <NumberTable
          label={texts.heading}
          head={[
            texts.step,
            texts.changes,
            ...(effects[0]!.difference === null ? [] : [texts.difference, words.quality.interval]),
          ]}
          rows={effects.map(({ step, rows, difference }) => [
            texts.steps[step],
            count(rows),
            ...(difference === null
              ? []
              : [signed(difference.value), intervalText(difference, signed)]),
          ])}
        />
      )}
      {effects[0] != null && effects[0].difference !== null && (
        <p className="help">{texts.better}</p>
      )}
    </ReportCard>
  );
}

function TemperatureField({ value }: { value: number | null }) {
  const store = useReportStore();
  const [text, setText] = useState(String(value ?? 1));
  const [isFaulty, setFaulty] = useState(false);
  function apply() {
    const temperature = Number(text);
    const { min, max } = TEMPERATURE_RANGE;
    const fault = text.trim() === '' || !(temperature >= min && temperature <= max);
    setFaulty(fault);
    if (!fault) void store.choices.setPost({ temperature: temperature === 1 ? null : temperature });
  }
  return (
    <div className="post-step screen-only">
      <TextInput
        label={texts.temperature}
        value={text}
        onChange={setText}
        help={texts.temperatureHelp}
        error={isFaulty ? texts.faults.temperature : null}
      >
        <Button className="button" onPress={apply}>
          {texts.apply}
        </Button>
      </TextInput>
    </div>
  );
}

function FixedField(props: {
  label: string;
  names: readonly string[];
  value: Probabilities | null;
  onChange: (value: Probabilities | null) => void;
}) {
  const { label, names, value, onChange } = props;
  const [isOn, setOn] = useState(value !== null);
  const [cells, setCells] = useState((value ?? ['', '', '']).map(String));
  const [fault, setFault] = useState<'range' | 'sum' | null>(null);
  function apply() {
    const numbers = cells.map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)));
    const found = probabilityFault(numbers);
    setFault(found);
    if (found === null) onChange(numbers as Probabilities);
  }
  return (
    <fieldset className="post-step screen-only">
      <SwitchSetting
        label={label}
        help=""
        value={isOn}
        isDisabled={false}
        onChange={(on) => {
          setOn(on);
          if (!on && value !== null) onChange(null);
        }}
      />
      {isOn && (
        <div className="row-tools">
          {names.map((name, i) => (
            <TextInput
              key={name}
              label={name}
              value={cells[i]!}
              onChange={(text) => setCells(cells.map((cell, c) => (c === i ? text : cell)))}
            />
          ))}
          <Button className="button" onPress={apply}>
            {texts.apply}
          </Button>
        </div>
      )}
      {isOn && fault !== null && (
        <p className="field-error" role="alert">
          {texts.faults[fault]}
        </p>
      )}
    </fieldset>
  );
}
