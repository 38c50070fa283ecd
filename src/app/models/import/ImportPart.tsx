import { useEffect, useRef } from 'react';
import { strings } from '../../i18n/strings.ts';
import { TextInput } from '../../ui/controls/TextInput.tsx';
import { usePackages, usePackagesStore } from '../state/context.ts';
import { sourcesOf } from '../state/import-form.ts';
import { isImporting, knownOffer, knownPlan, type PackagesState } from '../state/packages-state.ts';
import { ImportAction } from './ImportAction.tsx';
import { ImportOptions } from './ImportOptions.tsx';
import { PlanSummary } from './plan/PlanSummary.tsx';
import { ResumeNote } from './ResumeNote.tsx';
import { AdapterSources } from './sources/AdapterSources.tsx';
import { SingleSource } from './sources/SingleSource.tsx';
import { TokenField } from './sources/TokenField.tsx';

const words = strings.own;

/** The form of an import, from choosing files to starting it. */
export function ImportPart() {
  const store = usePackagesStore();
  const isDisabled = usePackages(isImporting);
  const name = usePackages(({ form }) => form.name);
  const hasBase = usePackages(({ form }) => form.base !== null);
  const isResumed = usePackages(({ form }) => form.resume !== null);
  // A finished package already contains everything else.
  const isFinished = usePackages(({ plan }) => knownOffer(plan) !== null);
  const wantsTokenizer = usePackages(lacksTokenizer);
  const wantsToken = usePackages(mayNeedToken);
  const led = usePackages((state) => state.led);
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that led here has disappeared, and the card may lie below the window.
  useEffect(() => {
    if (led > 0) heading.current?.focus();
  }, [led]);
  return (
    <div className="own-part">
      <h3 ref={heading} tabIndex={-1}>
        {words.importHeading}
      </h3>
      <ResumeNote />
      <div className="own-sources">
        <SingleSource
          place="base"
          title={words.base}
          drop={words.baseDrop}
          help={words.baseHelp}
          isDisabled={isDisabled}
        />
        {!isFinished && <AdapterSources isDisabled={isDisabled} />}
        {wantsTokenizer && (
          <SingleSource
            place="tokenizer"
            title={words.tokenizer}
            drop={words.tokenizerDrop}
            help={words.tokenizerHelp}
            isDisabled={isDisabled}
          />
        )}
        {wantsToken && <TokenField isDisabled={isDisabled} />}
      </div>
      {!isFinished && <ImportOptions isDisabled={isDisabled} />}
      <PlanSummary />
      {!isFinished && (
        <TextInput
          label={words.name}
          value={name}
          isDisabled={isDisabled || !hasBase}
          isReadOnly={isResumed}
          error={hasBase && name.trim() === '' ? words.nameMissing : null}
          onChange={(text) => store.form.setName(text)}
        />
      )}
      <ImportAction />
    </div>
  );
}

function lacksTokenizer({ form, plan }: PackagesState): boolean {
  return form.tokenizer !== null || knownPlan(plan)?.facts.tokenizer === null;
}

/** True while some source may come from the hub, the only user of the token. */
function mayNeedToken({ form }: PackagesState): boolean {
  return form.base === null || sourcesOf(form).some(({ source }) => source?.kind === 'remote');
}
