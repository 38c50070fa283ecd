import { Button } from 'react-aria-components';
import type { StoredPackage } from '../../../packages/api.ts';
import { strings } from '../../i18n/strings.ts';
import { useApp } from '../../page/context.ts';
import { isRunning } from '../../page/state.ts';
import { usePackages, usePackagesStore } from '../state/context.ts';

/** Fetches the damaged parts of a downloaded package again. */
export function RepairButton({ stored: { id, name } }: { stored: StoredPackage }) {
  const store = usePackagesStore();
  const busy = usePackages(({ job }) => job !== null);
  const running = useApp(isRunning);
  return (
    <Button
      className="button button-small"
      aria-label={strings.own.repairNamed(name)}
      // The model of a run must not be written to.
      isDisabled={busy || running}
      onPress={() => void store.stored.repair(id)}
    >
      {strings.own.repair}
    </Button>
  );
}
