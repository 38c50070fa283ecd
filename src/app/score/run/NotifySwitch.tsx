import { useState } from 'react';
import { strings } from '../../i18n/strings.ts';
import { SwitchSetting } from '../../ui/controls/Setting.tsx';
import { browserStorage } from '../../ui/files/page-storage.ts';
import { canNotify, setNotification, wantsNotification } from './watch.ts';

const words = strings.run;

/** Switches notifications at the end of a run on or off; nothing if the browser has none. */
export function NotifySwitch() {
  const [storage] = useState(browserStorage);
  const [isOn, setOn] = useState(() => wantsNotification(storage));
  const [permission, setPermission] = useState(canNotify);
  if (permission === 'unsupported') return null;

  async function change(wanted: boolean) {
    setOn(await setNotification(storage, wanted));
    setPermission(canNotify());
  }

  return (
    <SwitchSetting
      label={words.notify}
      help={permission === 'denied' ? words.notifyDenied : words.notifyHelp}
      value={isOn}
      isDisabled={permission === 'denied'}
      onChange={(wanted) => void change(wanted)}
    />
  );
}
