import { useState } from 'react';
import { Button } from 'react-aria-components';
import { strings } from '../../../i18n/strings.ts';
import { ErrorNote } from '../../../ui/feedback/ErrorNote.tsx';
import { usePackages, usePackagesStore } from '../../state/context.ts';
import {
  knownOffer,
  knownPlan,
  type PackagesState,
  wantsAdapter,
} from '../../state/packages-state.ts';
import { OfferFacts } from './OfferFacts.tsx';
import { PlanFacts } from './PlanFacts.tsx';
import { PlanLacks } from './PlanLacks.tsx';

const words = strings.own;

/** The package that the import will write, and the parts that are missing for it. */
export function PlanSummary() {
  const store = usePackagesStore();
  const state = usePackages(({ plan }) => plan);
  const text = usePackages(statusText);
  const plan = knownPlan(state);
  const offer = knownOffer(state);
  const begun = usePackages(isBegun);
  // Once there it stays, or what lies below would move when an import has ended.
  const [wasBegun, setWasBegun] = useState(begun);
  if (begun && !wasBegun) setWasBegun(true);
  if (!wasBegun) return null;
  return (
    <div className="plan" aria-busy={state.status === 'asking'}>
      <h4>{words.planHeading}</h4>
      {/* There at any time, so that the facts do not move. */}
      {text !== null && (
        <p className="help" role="status">
          {text}
        </p>
      )}
      {text === null && state.status === 'failed' && (
        <ErrorNote error={state.error}>
          <Button className="button" onPress={() => void store.form.replan()}>
            {words.planAgain}
          </Button>
        </ErrorNote>
      )}
      {offer !== null && <OfferFacts offer={offer} />}
      {plan !== null && (
        <>
          <PlanFacts plan={plan} />
          <PlanLacks plan={plan} />
        </>
      )}
    </div>
  );
}

/**
 * Says whether the user has begun to choose. The box is there from then on, with room for the facts, so nothing moves.
 */
function isBegun({ form, folderNote, plan }: PackagesState): boolean {
  return form.base !== null || folderNote !== null || plan.status !== 'none';
}

/** How things stand; null for an error, which is an alert of its own. */
function statusText(state: PackagesState): string | null {
  if (wantsAdapter(state)) return words.planWantsAdapter;
  if (state.plan.status === 'failed') return null;
  return words.planStates[state.plan.status];
}
