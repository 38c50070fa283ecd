import { useState } from 'react';
import { Button } from 'react-aria-components';
import { DEFAULT_SETTINGS, type RunSettings } from '../../../domain/settings.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { isRunning } from '../../page/state.ts';
import { RadioSetting, SwitchSetting } from '../../ui/controls/Setting.tsx';
import { LengthField } from './LengthField.tsx';

const words = strings.settings;
const TEXT_MODES = (['faithful', 'clean'] as const).map((id) => ({ id, ...words.textModes[id] }));
const TRUNCATIONS = (['right', 'turns', 'proportional'] as const).map((id) => ({
  id,
  ...words.truncations[id],
}));

// Stays open across a change of screen, but not across a reload.
const visit = { isOpen: false };

/** All settings that change the numbers of a run, each explained. Folded at first. */
export function SettingsCard() {
  const store = useStore();
  const settings = useApp((state) => state.settings);
  const isDisabled = useApp(isRunning);
  const [isOpen, setOpen] = useState(visit.isOpen);
  const changed = changedNames(settings);
  return (
    <section className="card" aria-labelledby="settings-heading">
      <details
        open={isOpen}
        onToggle={(event) => {
          visit.isOpen = event.currentTarget.open;
          setOpen(visit.isOpen);
        }}
      >
        <summary className="own-summary">
          <h2 id="settings-heading">{words.heading}</h2>
          <span className="own-aside help">
            {changed.length === 0 ? words.isNotebook : words.changed(changed)}
          </span>
          <svg className="icon own-chevron" viewBox="0 0 16 16" aria-hidden="true">
            <path d="m4 6.5 4 4 4-4" />
          </svg>
        </summary>
        <div className="own-body">
          <div className="settings">
            <RadioSetting
              label={words.textMode}
              options={TEXT_MODES}
              value={settings.textMode}
              isDisabled={isDisabled}
              onChange={(textMode) => store.settings.set({ textMode })}
            />
            <RadioSetting
              label={words.truncation}
              options={TRUNCATIONS}
              value={settings.truncation}
              isDisabled={isDisabled || settings.spread}
              note={settings.spread ? words.truncationUnused : undefined}
              onChange={(truncation) => store.settings.set({ truncation })}
            />
            <div className="setting-stack">
              <LengthField
                value={settings.maxLength}
                isDisabled={isDisabled}
                onChange={(maxLength) => store.settings.set({ maxLength })}
              />
              <SwitchSetting
                label={words.spread}
                help={words.spreadHelp}
                value={settings.spread}
                isDisabled={isDisabled}
                onChange={(spread) => store.settings.set({ spread })}
              />
              <SwitchSetting
                label={words.tta}
                help={words.ttaHelp}
                value={settings.tta}
                isDisabled={isDisabled}
                onChange={(tta) => store.settings.set({ tta })}
              />
            </div>
          </div>
          <div className="buttons">
            <Button
              className="button button-small"
              isDisabled={isDisabled || changed.length === 0}
              onPress={() => store.settings.reset()}
            >
              {words.reset}
            </Button>
          </div>
        </div>
      </details>
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
