import { useState } from 'react';
import { useApp } from '../page/context.ts';
import { Fold } from '../ui/layout/Fold.tsx';
import { LazyBody } from '../ui/lazy/LazyBody.tsx';
import { LazyPart } from '../ui/lazy/lazy-part.ts';
import { type ComputerFacts, useComputer } from './computer-facts.ts';
import { words } from './strings.ts';

const DETAILS = new LazyPart(() => import('./ComputerDetails.tsx'));

/**
 * Shows the device, obstacles to using a GPU, the models that fit, and where to get one. Folded to one line at first.
 */
export function ComputerCard() {
  const facts = useComputer();
  const [isOpen, setOpen] = useState(false);
  return (
    <section className="card computer" aria-labelledby="computer-heading">
      <Fold
        headingId="computer-heading"
        heading={words.heading}
        aside={facts === null ? words.looking : <Where facts={facts} />}
        isOpen={isOpen}
        onToggle={setOpen}
      >
        {facts !== null && <LazyBody part={DETAILS} props={{ facts }} />}
      </Fold>
    </section>
  );
}

/** Shows the device: that of the loaded model, else the one that this browser is likely to offer. */
function Where({ facts }: { facts: ComputerFacts }) {
  const device = useApp(({ model }) =>
    model.status === 'ready' ? model.info.engine.device : null,
  );
  const usesGpu = device === null ? facts.gpu !== null && !facts.gpu.software : device === 'webgpu';
  if (usesGpu) return words.onGpu(facts.gpu?.name ?? '');
  return words.onCpu(facts.isolated ? facts.threads : 1);
}
