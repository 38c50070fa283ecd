import { nameOf } from '../../../data/labelled/names.ts';
import { type Field, fieldOf } from '../../../report/query.ts';
import { activeSteps } from '../../../stats/figures/post.ts';
import { isScored } from '../../../stats/table/scored.ts';
import { count } from '../../i18n/format.ts';
import { Fact } from '../../ui/feedback/Fact.tsx';
import { useQueryData } from '../state/use-query-data.ts';
import { useReport } from '../state/use-report.ts';
import { fixed, signed } from '../text/numbers.ts';
import { words } from '../text/strings.ts';

const texts = words.table;
const DECIMALS: readonly Field[] = ['loss', 'confidence', 'gap', 'change'];

/** The facts of a row beside its probabilities: those that have no column on a phone, and more. */
export function RowFacts({ row }: { row: number }) {
  const data = useQueryData();
  const isProcessed = useReport(({ post }) => activeSteps(post).length > 0);
  if (data === null || row >= data.table.length) return null;
  const { table, probabilities, adapters } = data;
  const models = [nameOf(table.models.a, row), nameOf(table.models.b, row)];
  const label = words.classNames[table.labels[row]!];
  const processed = probabilities.subarray(3 * row, 3 * row + 3);
  return (
    <dl className="facts">
      {models[0] !== null && models[1] !== null && (
        <Fact wide name={texts.models} value={models.join(' · ')} />
      )}
      {isProcessed && isScored(data, row) && (
        <Fact
          wide
          name={texts.afterPost}
          value={[...processed].map((p) => fixed(p, 3)).join(' · ')}
        />
      )}
      {isScored(data, row) &&
        adapters?.names.map((name, a) => {
          const at = 3 * (adapters.names.length * row + a);
          const values = [...adapters.probabilities.subarray(at, at + 3)];
          return (
            <Fact
              key={name}
              wide
              name={texts.ofAdapter(words.adapterName(name))}
              value={values.map((p) => fixed(p, 3)).join(' · ')}
            />
          );
        })}
      {label !== undefined && <Fact name={texts.columns.label} value={label} />}
      {DECIMALS.map((field) => {
        const value = fieldOf(data, field, row);
        if (Number.isNaN(value)) return null;
        return <Fact key={field} name={texts.fields[field]} value={fixed(value, 3)} />;
      })}
      <Fact name={texts.fields.length} value={count(fieldOf(data, 'length', row))} />
      <Fact
        name={texts.fields.lengthDifference}
        value={signed(fieldOf(data, 'lengthDifference', row), 2)}
      />
    </dl>
  );
}
