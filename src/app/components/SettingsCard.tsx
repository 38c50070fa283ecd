import { Button } from 'react-aria-components';
import { DEFAULT_SETTINGS, type RunSettings } from '../../core/settings.ts';
import { useApp, useStore } from '../context.ts';
import { isRunning } from '../state.ts';
import { strings } from '../strings.ts';
import { LengthField } from './LengthField.tsx';
import { RadioSetting, SwitchSetting } from './Setting.tsx';

const words = strings.settings;
const TEXT_MODES = (['faithful', 'clean'] as const).map((id) => ({ id, ...words.textModes[id] }));
const TRUNCATIONS = (['right', 'turns', 'proportional'] as const).map((id) => ({
  id,
  ...words.truncations[id],
}));

/** Everything that changes the numbers of a run, explained in place. */
export function SettingsCard() {
  const store = useStore();
  const settings = useApp((state) => state.settings);
  const isDisabled = useApp(isRunning);
  const asNotebook = isNotebook(settings);
  return (
    <section className="card" aria-labelledby="settings-heading">
      <div className="card-head">
        <h2 id="settings-heading">{words.heading}</h2>
        <span className="help">{asNotebook ? words.isNotebook : words.changed}</span>
        <Button
          className="button button-small"
          isDisabled={isDisabled || asNotebook}
          onPress={() => store.resetSettings()}
        >
          {words.reset}
        </Button>
      </div>
      <div className="settings">
        <RadioSetting
          label={words.textMode}
          options={TEXT_MODES}
          value={settings.textMode}
          isDisabled={isDisabled}
          onChange={(textMode) => store.setSettings({ textMode })}
        />
        <RadioSetting
          label={words.truncation}
          options={TRUNCATIONS}
          value={settings.truncation}
          isDisabled={isDisabled || settings.spread}
          note={settings.spread ? words.truncationUnused : undefined}
          onChange={(truncation) => store.setSettings({ truncation })}
        />
        <div className="setting-stack">
          <LengthField
            value={settings.maxLength}
            isDisabled={isDisabled}
            onChange={(maxLength) => store.setSettings({ maxLength })}
          />
          <SwitchSetting
            label={words.spread}
            help={words.spreadHelp}
            value={settings.spread}
            isDisabled={isDisabled}
            onChange={(spread) => store.setSettings({ spread })}
          />
          <SwitchSetting
            label={words.tta}
            help={words.ttaHelp}
            value={settings.tta}
            isDisabled={isDisabled}
            onChange={(tta) => store.setSettings({ tta })}
          />
        </div>
      </div>
    </section>
  );
}

function isNotebook(settings: RunSettings): boolean {
  const keys = Object.keys(DEFAULT_SETTINGS) as (keyof RunSettings)[];
  return keys.every((key) => settings[key] === DEFAULT_SETTINGS[key]);
}
