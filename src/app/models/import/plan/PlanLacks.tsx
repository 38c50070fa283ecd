import type { ImportPlan } from '../../../../packages/api.ts';
import { strings } from '../../../i18n/strings.ts';
import { usePackages } from '../../state/context.ts';
import { isWhole, type Lacks, lacksOf } from '../../state/import-form.ts';

const words = strings.own;

/** The parts that the user must still provide. */
export function PlanLacks({ plan }: { plan: ImportPlan }) {
  const written = usePackages(({ form }) => form.resume?.bytes ?? 0);
  const lacks = lacksOf(plan, written);
  if (isWhole(lacks)) return null;
  return (
    <div className="note note-warning lacks" role="alert">
      <p className="note-title">{words.lackTitle}</p>
      <ul className="lack-list">
        {texts(lacks).map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  );
}

function texts({ tokenizer, bytes }: Lacks): string[] {
  const all: string[] = [];
  if (tokenizer) all.push(words.lackTokenizer);
  if (bytes > 0) all.push(words.lackBytes(bytes));
  return all;
}
