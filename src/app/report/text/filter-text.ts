import type { Filter } from '../../../report/query.ts';
import type { Table } from '../../../stats/table/table.ts';
import { fixed } from './numbers.ts';
import { words } from './strings.ts';

const texts = words.table;

/** Describes a filter in words. */
export function filterText(filter: Filter, table: Table | null): string {
  switch (filter.kind) {
    case 'range': {
      const field = texts.fields[filter.field];
      const { min, max } = filter;
      if (max === Number.POSITIVE_INFINITY) return texts.from(field, bound(min));
      if (min === Number.NEGATIVE_INFINITY) return texts.below(field, bound(max));
      return texts.range(field, bound(min), bound(max));
    }
    case 'predicted':
      return texts.predicted(words.classNames[filter.label]!);
    case 'label':
      return texts.label_(words.classNames[filter.label]!);
    case 'slice': {
      const names = words.slices.parts[filter.slice];
      const own = filter.slice === 'source' || filter.slice === 'judge' ? filter.slice : null;
      const name = names?.[filter.part] ?? (own === null ? '' : table?.[own].names[filter.part]);
      return `${words.slices.names[filter.slice]}: ${name ?? ''}`;
    }
    case 'flipped':
      return texts.flipped;
    case 'wrong':
      return texts.wrong;
    case 'model':
      return texts.model(table?.models.a.names[filter.model] ?? '');
  }
}

function bound(value: number): string {
  return Number.isInteger(value) ? String(value).replace('-', '−') : fixed(value, 2);
}
