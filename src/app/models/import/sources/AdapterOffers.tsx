import { Button } from 'react-aria-components';
import { strings } from '../../../i18n/strings.ts';
import { usePackages, usePackagesStore } from '../../state/context.ts';

const words = strings.own;

/** Offers the adapters that were found in a folder. */
export function AdapterOffers({ isDisabled }: { isDisabled: boolean }) {
  const store = usePackagesStore();
  const offers = usePackages(({ form }) => form.offers);
  if (offers.length === 0) return null;
  return (
    <>
      <p className="help">{words.offers}</p>
      <ul className="offers">
        {offers.map((offer) => {
          const shown = offer.path === '' ? offer.name : offer.path;
          return (
            <li key={offer.path}>
              <span className="file-name">{shown}</span>
              <Button
                className="button button-small"
                aria-label={words.addOffer(shown)}
                isDisabled={isDisabled}
                onPress={() => store.form.acceptOffer(offer)}
              >
                {words.addAddress}
              </Button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
