import type { ReactNode } from 'react';
import type { PackageFacts } from '../../../../import/build.ts';
import { quantizationKind } from '../../../../model/formats/quantization.ts';
import type { ImportPlan } from '../../../../packages/api.ts';
import { count, fileSize } from '../../../i18n/format.ts';
import { strings } from '../../../i18n/strings.ts';
import { Fact } from '../../../ui/feedback/Fact.tsx';
import { Place } from '../../../ui/layout/Place.tsx';
import { usePackages } from '../../state/context.ts';

const words = strings.own;
const names = words.facts;

const NAMES = [
  names.architecture,
  names.layers,
  names.hiddenSize,
  names.vocabSize,
  names.storedAs,
  names.written,
  names.embedding,
  names.softCap,
  names.bytes,
  names.available,
];

/** Facts about the package and its adapters, from configurations and headers. */
export function PlanFacts({ plan }: { plan: ImportPlan }) {
  const { facts } = plan;
  // Names can change without a new plan.
  const adapters = usePackages(({ form }) => form.adapters);
  return (
    <>
      <FactList values={valuesOf(plan)} />
      {facts.tokenizer === 'shipped' && <p className="help">{words.shippedTokenizer}</p>}
      {facts.olderPooling !== null && (
        <p className="help">{words.olderPooling(facts.olderPooling)}</p>
      )}
      {facts.chatDate !== null && <p className="help">{words.chatTemplate(facts.chatDate)}</p>}
      {facts.labels === 1 && facts.chatDate === null && (
        <p className="help">{words.noChatTemplate}</p>
      )}
      {facts.adapters.length > 0 && (
        <ul className="lines">
          {facts.adapters.map(({ name, targets, layers, ranks, hasScore }, i) => (
            <li key={adapters[i]?.key ?? name}>
              <span className="adapter-name">{adapters[i]?.name ?? name}</span>:{' '}
              {words.adapterFacts(targets, layers, ranks)} ·{' '}
              {hasScore ? words.ownHead : words.noHead}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Reserves the place of the facts about a package. */
export function PlanPlace({ over }: { over: ReactNode }) {
  return (
    <Place over={over}>
      <FactList values={[]} />
    </Place>
  );
}

/** Shows values by {@link NAMES}; those left out as unknown. */
function FactList({ values }: { values: readonly string[] }) {
  return (
    <dl className="facts">
      {NAMES.map((name, i) => (
        <Fact key={name} name={name} value={values[i] ?? names.unknown} wide={i === 0} />
      ))}
    </dl>
  );
}

/** Returns the values of {@link NAMES}, in their order. */
function valuesOf({ facts, available }: ImportPlan): string[] {
  return [
    facts.architecture ?? names.unnamed,
    count(facts.layers),
    count(facts.hiddenSize),
    count(facts.vocabSize),
    facts.storedAs,
    writtenAs(facts),
    facts.embedding,
    facts.softCap === null ? names.noSoftCap : String(facts.softCap),
    fileSize(facts.bytes),
    available === null ? names.unknown : fileSize(available),
  ];
}

function writtenAs({ quantization, codesKept }: PackageFacts): string {
  const name = strings.model.quantizations[quantizationKind(quantization)];
  return codesKept ? names.kept(name) : name;
}
