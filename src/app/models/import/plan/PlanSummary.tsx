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
import { PlanFacts, PlanPlace } from './PlanFacts.tsx';
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
  // Once shown, the box stays; otherwise the page below would move when an import ends.
  const [wasBegun, setWasBegun] = useState(begun);
  if (begun && !wasBegun) setWasBegun(true);
  if (!wasBegun) return null;
  return (
    <div className="plan" aria-busy={state.status === 'asking'}>
      <h4>{words.planHeading}</h4>
      {/* Always present, so that the facts do not move. */}
      {text !== null && (
        <p className="help" role="status">
          {text}
        </p>
      )}
      <PlanPlace
        over={
          <div className="plan-body">
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
        }
      />
    </div>
  );
}

/**
 * True once the user has begun to choose. From then on the box is present, with room for the facts, so nothing moves.
 */
function isBegun({ form, folderNote, plan }: PackagesState): boolean {
  return form.base !== null || folderNote !== null || plan.status !== 'none';
}

/** The state of the plan as text; null for an error, which has its own alert. */
function statusText(state: PackagesState): string | null {
  if (wantsAdapter(state)) return words.planWantsAdapter;
  if (state.plan.status === 'failed') return null;
  return words.planStates[state.plan.status];
}
