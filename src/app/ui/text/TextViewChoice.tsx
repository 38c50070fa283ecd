import { Label, Radio, RadioGroup } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';
import { setTextView, type TextView, useTextView } from './text-view.ts';

const words = strings.row.rendered;

/** Switches between a text as the model reads it and its rendered Markdown. */
export function TextViewChoice() {
  return (
    <RadioGroup
      className="text-view"
      orientation="horizontal"
      value={useTextView()}
      onChange={(value) => setTextView(value as TextView)}
    >
      <Label className="field-label">{words.label}</Label>
      {(['text', 'rendered'] as const).map((view) => (
        <Radio key={view} className="radio" value={view}>
          <span className="radio-dot" aria-hidden="true" />
          {words.views[view]}
        </Radio>
      ))}
    </RadioGroup>
  );
}
