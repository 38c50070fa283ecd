import type { PackageFacts } from '../../../../import/build.ts';
import type { ImportPlan } from '../../../../packages/api.ts';
import { count, fileSize } from '../../../i18n/format.ts';
import { strings } from '../../../i18n/strings.ts';
import { Fact } from '../../../ui/feedback/Fact.tsx';
import { usePackages } from '../../state/context.ts';

const words = strings.own;
const names = words.facts;

/** Facts about the package and its adapters, from configurations and headers. */
export function PlanFacts({ plan }: { plan: ImportPlan }) {
  const { facts, available } = plan;
  // Names can change without a new plan.
  const adapters = usePackages(({ form }) => form.adapters);
  return (
    <>
      <dl className="facts">
        <Fact name={names.architecture} value={facts.architecture ?? names.unnamed} wide />
        <Fact name={names.layers} value={count(facts.layers)} />
        <Fact name={names.hiddenSize} value={count(facts.hiddenSize)} />
        <Fact name={names.vocabSize} value={count(facts.vocabSize)} />
        <Fact name={names.storedAs} value={facts.storedAs} />
        <Fact name={names.written} value={writtenAs(facts)} />
        <Fact name={names.embedding} value={facts.embedding} />
        <Fact
          name={names.softCap}
          value={facts.softCap === null ? names.noSoftCap : String(facts.softCap)}
        />
        <Fact name={names.bytes} value={fileSize(facts.bytes)} />
        <Fact
          name={names.available}
          value={available === null ? names.unknown : fileSize(available)}
        />
      </dl>
      {facts.tokenizer === 'shipped' && <p className="help">{words.shippedTokenizer}</p>}
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

function writtenAs({ quantization, codesKept }: PackageFacts): string {
  const name = strings.model.quantizations[quantization];
  return codesKept ? names.kept(name) : name;
}
