import { useState } from 'react';
import { effectiveSettings } from '../../../domain/reading.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '../../../domain/settings.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp } from '../../page/context.ts';
import { modelReading } from '../../page/state.ts';
import { Fold } from '../../ui/layout/Fold.tsx';
import { LazyBody } from '../../ui/lazy/LazyBody.tsx';
import { LazyPart } from '../../ui/lazy/lazy-part.ts';

const words = strings.settings;
const FIELDS = new LazyPart(() => import('./SettingsFields.tsx'));

// Stays open across a change of screen, but not across a reload.
const visit = { isOpen: false };

/** All settings that change the numbers of a run, each explained. Folded at first. */
export function SettingsCard() {
  const asked = useApp((state) => state.settings);
  const settings = effectiveSettings(asked, useApp(modelReading));
  const [isOpen, setOpen] = useState(visit.isOpen);
  const changed = changedNames(settings);
  const isNotebook = changed.length === 0;
  return (
    <section className="card" aria-labelledby="settings-heading">
      <Fold
        headingId="settings-heading"
        heading={words.heading}
        aside={isNotebook ? words.isNotebook : words.changed(changed)}
        isOpen={isOpen}
        onToggle={(open) => {
          visit.isOpen = open;
          setOpen(open);
        }}
      >
        <LazyBody part={FIELDS} props={{ isNotebook }} />
      </Fold>
    </section>
  );
}

/** The settings that differ from the notebook's, worded as in the list of runs. */
function changedNames({ textMode, maxLength, truncation, spread, tta }: RunSettings): string[] {
  const names = strings.runs.settings;
  const was = DEFAULT_SETTINGS;
  return [
    ...(textMode === was.textMode ? [] : [names.text(words.textModes[textMode].label)]),
    ...(maxLength === was.maxLength ? [] : [names.maxLength(maxLength)]),
    ...(truncation === was.truncation
      ? []
      : [names.truncation(strings.results.truncationNames[truncation])]),
    ...(spread === was.spread ? [] : [names.spread]),
    ...(tta === was.tta ? [] : [names.tta]),
  ];
}
