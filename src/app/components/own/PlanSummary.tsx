import { Button } from 'react-aria-components';
import { usePackages, usePackagesStore } from '../../context.ts';
import { knownOffer, knownPlan, type PackagesState, wantsAdapter } from '../../packages-state.ts';
import { strings } from '../../strings.ts';
import { ErrorNote } from '../ErrorNote.tsx';
import { OfferFacts } from './OfferFacts.tsx';
import { PlanFacts } from './PlanFacts.tsx';
import { PlanLacks } from './PlanLacks.tsx';

const words = strings.own;

/** What the import will write, and what is missing for it. */
export function PlanSummary() {
  const store = usePackagesStore();
  const state = usePackages(({ plan }) => plan);
  const text = usePackages(statusText);
  const plan = knownPlan(state);
  const offer = knownOffer(state);
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
          <Button className="button" onPress={() => void store.replan()}>
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

/** How things stand; null for an error, which is an alert of its own. */
function statusText(state: PackagesState): string | null {
  if (wantsAdapter(state)) return words.planWantsAdapter;
  if (state.plan.status === 'failed') return null;
  return words.planStates[state.plan.status];
}
