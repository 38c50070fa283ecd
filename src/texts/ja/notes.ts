import type { Texts } from '../texts.ts';
import { count } from './format.ts';

/** Japanese sentences about a file as a whole, by kind. */
export const notes: Texts['notes'] = {
  byteOrderMark: () => 'ファイルの先頭にバイト順マークがあります。読み飛ばしました。',
  utf16: () => 'UTF-16 のファイルです。メモリー内で UTF-8 に変換しました。',
  noIds: () => 'id 列がないため、1 からの行番号を id とします。',
  unusedColumns: ({ columns, named }) =>
    columns > 10
      ? `使わない列：${count(columns)} 列（最初の列：${named}）。`
      : `使わない列：${named}。`,
  blankLines: ({ row }) => `行の間の空行を読み飛ばしました。最初の空行は ${row} 行目の前です。`,
  repeatedIds: ({ ids, named }) => {
    const more = ids > named.length ? ` ほか ${count(ids - named.length)} 件` : '';
    return `${count(ids)} 件の id が複数の行にあります（${named.join('、')}${more}）。すべての行を順に採点して書き出しますが、Kaggle は id が重複した提出を受け付けません。`;
  },
};

/** Japanese texts of the action after a failure of a device. */
export const incidentActions: Texts['incidentActions'] = {
  again: 'モデルを読み込み直し、このバッチをもう一度試します。',
  halve: 'モデルを読み込み直し、このバッチを半分ずつ試します。',
  reload: 'モデルの読み込みをもう一度試します。',
  end: 'この実行では、このデバイスはもう使いません。',
  stop: '実行を停止します。',
};
