import { useRef } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';
import { ErrorNote } from '../../ui/feedback/ErrorNote.tsx';
import { usePackages, usePackagesStore } from '../state/context.ts';
import { StoredModel } from './StoredModel.tsx';

const words = strings.own;

/** Lists the packages in this browser. */
export function StoredModels() {
  const store = usePackagesStore();
  const packages = usePackages((state) => state.packages);
  const error = usePackages((state) => state.listError);
  const lost = usePackages((state) => state.lost);
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <div className="own-part">
      <h3 ref={heading} tabIndex={-1}>
        {words.storedHeading}
      </h3>
      {error !== null && (
        <ErrorNote error={error}>
          <Button className="button" onPress={() => void store.list.refresh()}>
            {words.readAgain}
          </Button>
        </ErrorNote>
      )}
      {lost.length > 0 && (
        <p className="problem" role="alert">
          {words.lost([...lost])}
        </p>
      )}
      {packages === null || packages.length === 0 ? (
        <p className="help">{packages === null ? words.reading : words.noneStored}</p>
      ) : (
        <ul className="stored">
          {packages.map((stored) => (
            <StoredModel
              key={stored.id}
              stored={stored}
              // The focused button disappears with the package.
              onDeleted={() => heading.current?.focus()}
            />
          ))}
        </ul>
      )}
    </div>
  );
}
