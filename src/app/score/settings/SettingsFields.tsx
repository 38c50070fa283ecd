import { Button } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';
import { useApp, useStore } from '../../page/context.ts';
import { isRunning, modelReading } from '../../page/state.ts';
import { RadioSetting, SwitchSetting } from '../../ui/controls/Setting.tsx';
import { LengthField } from './LengthField.tsx';

const words = strings.settings;
const TEXT_MODES = (['faithful', 'clean'] as const).map((id) => ({ id, ...words.textModes[id] }));
const TRUNCATIONS = (['right', 'turns', 'proportional'] as const).map((id) => ({
  id,
  ...words.truncations[id],
}));

const REWARD_TRUNCATIONS = TRUNCATIONS.map((one) => ({
  ...one,
  help: words.truncationsReward[one.id],
}));

/** The settings of a run with their explanations. `isNotebook`: nothing differs from the notebook's. */
export default function SettingsFields({ isNotebook }: { isNotebook: boolean }) {
  const store = useStore();
  const settings = useApp((state) => state.settings);
  const isDisabled = useApp(isRunning);
  const isReward = useApp((state) => modelReading(state) === 'reward');
  const spread = settings.spread && !isReward;
  return (
    <>
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
          options={isReward ? REWARD_TRUNCATIONS : TRUNCATIONS}
          value={settings.truncation}
          isDisabled={isDisabled || spread}
          note={spread ? words.truncationUnused : undefined}
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
            help={isReward ? strings.reading.noSpread : words.spreadHelp}
            value={spread}
            isDisabled={isDisabled || isReward}
            onChange={(spread) => store.settings.set({ spread })}
          />
          <SwitchSetting
            label={words.tta}
            help={isReward ? strings.reading.oneOrder : words.ttaHelp}
            value={settings.tta && !isReward}
            isDisabled={isDisabled || isReward}
            onChange={(tta) => store.settings.set({ tta })}
          />
        </div>
      </div>
      <div className="buttons">
        <Button
          className="button button-small"
          isDisabled={isDisabled || isNotebook}
          onPress={() => store.settings.reset()}
        >
          {words.reset}
        </Button>
      </div>
    </>
  );
}
