import { Button } from 'react-aria-components';
import { strings } from '../../i18n/strings.ts';
import { usePackages, usePackagesStore } from '../state/context.ts';
import { isImporting, knownOffer } from '../state/packages-state.ts';

const words = strings.own;

/** Says that the form continues an earlier import. */
export function ResumeNote() {
  const store = usePackagesStore();
  const resume = usePackages(({ form }) => form.resume);
  const isDisabled = usePackages(isImporting);
  const isFinished = usePackages(({ plan }) => knownOffer(plan) !== null);
  if (resume === null) return null;
  return (
    <div className="resume">
      <p>{words.resuming(resume.name, resume.bytes)}</p>
      <Button
        className="button button-small"
        isDisabled={isDisabled}
        onPress={() => store.form.startAnew()}
      >
        {isFinished ? words.downloadAnew : words.startAnew}
      </Button>
    </div>
  );
}
