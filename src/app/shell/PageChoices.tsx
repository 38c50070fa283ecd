import { useState } from 'react';
import { Button } from 'react-aria-components';
import { LANGUAGES } from '../../texts/languages.ts';
import {
  chooseLanguageNext,
  chosenLanguage,
  type LanguageChoice,
  language,
  loadInChosenLanguage,
} from '../i18n/language.ts';
import { strings } from '../i18n/strings.ts';
import { usePackagesStore } from '../models/state/context.ts';
import { useStore } from '../page/context.ts';
import { browserStorage } from '../ui/files/page-storage.ts';
import { nothingToLose } from './new-version.ts';
import { chooseTheme, chosenTheme, THEMES, type Theme } from './theme.ts';

const words = strings.footer;
const storage = browserStorage();

/** Language and theme of the page. */
export function PageChoices() {
  const [theme, setTheme] = useState(() => chosenTheme(storage));
  return (
    <>
      <LanguageSwitch />
      <label className="page-choice">
        {words.theme}
        <select
          value={theme}
          onChange={({ target }) => {
            setTheme(target.value as Theme);
            chooseTheme(storage, target.value as Theme);
          }}
        >
          {THEMES.map((id) => (
            <option key={id} value={id}>
              {words.themes[id]}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** Changing the language needs a reload, which follows at once if it loses nothing; otherwise the user starts it. */
function LanguageSwitch() {
  const app = useStore();
  const packages = usePackagesStore();
  const [chosen, setChosen] = useState(() => chosenLanguage(storage));
  const [waits, setWaits] = useState(false);

  function choose(next: LanguageChoice) {
    setChosen(next);
    chooseLanguageNext(storage, next);
    if (nothingToLose(app.getState(), packages.getState())) loadInChosenLanguage();
    else setWaits(true);
  }

  return (
    <>
      <label className="page-choice">
        {words.language}
        <select value={chosen} onChange={({ target }) => choose(target.value as LanguageChoice)}>
          <option value="auto">{words.automatic}</option>
          {Object.entries(LANGUAGES).map(([id, { name }]) => (
            <option key={id} value={id} lang={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <span role="status">
        {waits && chosen !== language && (
          <>
            {words.nextLoad}{' '}
            <Button className="link" onPress={loadInChosenLanguage}>
              {strings.screens.failed.reload}
            </Button>
          </>
        )}
      </span>
    </>
  );
}
