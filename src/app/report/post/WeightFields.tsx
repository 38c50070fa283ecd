import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { MeanOf } from '../../../stats/figures/post.ts';
import { Choice } from '../../ui/controls/Choice.tsx';
import { TextInput } from '../../ui/controls/TextInput.tsx';
import { words } from '../text/strings.ts';

const texts = words.post;
const KINDS = ['probabilities', 'logits'] as const;

/** Fields for the numbers to average and the weights. Give it a key: another number of members needs new fields. */
export function WeightFields(props: {
  of: MeanOf;
  members: readonly { name: string; weight: number }[];
  /** True if a weight may be 0, as long as not all are. */
  mayBeZero: boolean;
  onChange: (of: MeanOf, weights: number[]) => void;
  /** Removes a member by its index. The first one cannot be removed. */
  onLeaveOut?: (place: number) => void;
}) {
  const { of, members, mayBeZero, onChange, onLeaveOut } = props;
  const weights = members.map(({ weight }) => weight);
  const [cells, setCells] = useState(weights.map(String));
  const [isFaulty, setFaulty] = useState(false);

  function apply() {
    const numbers = cells.map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)));
    const isFine = (value: number) =>
      Number.isFinite(value) && (mayBeZero ? value >= 0 : value > 0);
    const areFine = numbers.every(isFine) && numbers.some((value) => value > 0);
    setFaulty(!areFine);
    if (areFine) onChange(of, numbers);
  }

  return (
    <>
      <Choice
        label={texts.averageOf}
        value={of}
        onChange={(kind) => onChange(kind, weights)}
        options={KINDS.map((kind) => ({ id: kind, label: texts.averageKinds[kind] }))}
        help={texts.averageKindsHelp[of]}
      />
      <div className="row-tools">
        {members.map(({ name }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two runs may have the same name
          <div key={i} className="weight">
            <TextInput
              label={texts.weightOf(name)}
              value={cells[i]!}
              onChange={(text) => setCells(cells.map((old, c) => (c === i ? text : old)))}
            >
              {onLeaveOut !== undefined && i > 0 && (
                <Button
                  className="button"
                  aria-label={texts.leaveOut(name)}
                  onPress={() => onLeaveOut(i)}
                >
                  ×
                </Button>
              )}
            </TextInput>
          </div>
        ))}
        <Button className="button" onPress={apply}>
          {texts.applyWeights}
        </Button>
      </div>
      {isFaulty && (
        <p className="field-error" role="alert">
          {mayBeZero ? texts.faults.weightOrZero : texts.faults.weight}
        </p>
      )}
    </>
  );
}
