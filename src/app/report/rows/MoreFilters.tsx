import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { Field } from '../../../report/query.ts';
import { Choice } from '../../ui/controls/Choice.tsx';
import { TextInput } from '../../ui/controls/TextInput.tsx';
import { useReport, useReportStore } from '../state/use-report.ts';
import { words } from '../text/strings.ts';

const texts = words.table;

/** Filters by any number, and filters that take one press. */
export function MoreFilters({ fields }: { fields: readonly Field[] }) {
  const store = useReportStore();
  const hasLabels = fields.includes('loss');
  useReport(({ query }) => query.filters);
  const [field, setField] = useState<Field>('confidence');
  const [min, setMin] = useState('');
  const [max, setMax] = useState('');
  const [isFaulty, setFaulty] = useState(false);
  const quick = [
    ...words.classNames.map((name, label) => ({
      text: texts.predicted(name),
      filter: { kind: 'predicted', label } as const,
    })),
    {
      text: texts.onlyTruncated,
      filter: { kind: 'slice', slice: 'truncation', part: 1 } as const,
    },
    ...(fields.includes('gap')
      ? [{ text: texts.flipped, filter: { kind: 'flipped' } as const }]
      : []),
    ...(hasLabels ? [{ text: texts.onlyWrong, filter: { kind: 'wrong' } as const }] : []),
  ];

  function add() {
    const low = min.trim() === '' ? Number.NEGATIVE_INFINITY : Number(min);
    const high = max.trim() === '' ? Number.POSITIVE_INFINITY : Number(max);
    const isEmpty = min.trim() === '' && max.trim() === '';
    const fault = isEmpty || Number.isNaN(low) || Number.isNaN(high);
    setFaulty(fault);
    // People count rows from 1.
    const off = field === 'row' ? 1 : 0;
    if (!fault) store.finder.toggle({ kind: 'range', field, min: low - off, max: high - off });
  }

  return (
    <details className="fold">
      <summary>{texts.more}</summary>
      <div className="quick-filters">
        {quick.map(({ text, filter }) => (
          <Button
            key={text}
            className="button button-small"
            aria-pressed={store.finder.has(filter)}
            onPress={() => store.finder.toggle(filter)}
          >
            {text}
          </Button>
        ))}
      </div>
      <div className="row-tools">
        <Choice
          label={texts.field}
          value={field}
          onChange={setField}
          options={fields.map((id) => ({ id, label: texts.fields[id] }))}
        />
        <TextInput label={texts.min} value={min} onChange={setMin} />
        <TextInput label={texts.max} value={max} onChange={setMax} />
        <Button className="button" onPress={add}>
          {texts.add}
        </Button>
      </div>
      {isFaulty && (
        <p className="field-error" role="alert">
          {texts.rangeFault}
        </p>
      )}
    </details>
  );
}
