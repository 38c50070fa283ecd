import type { dataErrors as english } from '../../en/errors/data.ts';
import type { ErrorTextsOf, ParamsOf } from '../../errors.ts';
import { CHOOSE_CSV, FETCH_AGAIN } from './actions.ts';

const EXPECTED = {
  open: '「[」',
  'comma-or-end': '「,」か「]」',
  nothing: 'リストの終わり',
  escaped: '（制御文字の代わりに）エスケープ',
  'json-escape': 'JSON で使えるエスケープ',
  'code-point': '\\U0010ffff までの文字',
  unnamed: '（\\N 以外の）エスケープ',
};

function expectedText(expected: ParamsOf<'cell/broken-json'>['expected']): string {
  if (typeof expected === 'string') return EXPECTED[expected];
  if ('turn' in expected) return `${expected.turn} 番目のターン（引用符で囲んだ文字列か null）`;
  if ('digits' in expected) {
    return `\\${expected.escape} の後の ${expected.digits} 桁の 16 進数`;
  }
  return `${expected.from} 文字目から始まる文字列を閉じる ${expected.closing} `;
}

const KINDS = { object: 'オブジェクト', list: 'リスト', number: '数値', boolean: '真偽値' };

const ARCHIVES = {
  zip: 'zip アーカイブか Excel のブック',
  gzip: 'gzip アーカイブ',
  '7z': '7-Zip アーカイブ',
  zstd: 'zstd アーカイブ',
};

const FORMATS = {
  xls: '旧形式の Excel のブック',
  png: 'PNG 画像',
  jpeg: 'JPEG 画像',
  pdf: 'PDF 文書',
  parquet: 'Parquet ファイル',
  sqlite: 'SQLite データベース',
};

const RULES: Readonly<Record<string, string>> = {
  integer: '整数',
  safe_integer: '整数',
  finite: '有限の数',
  float32: '有限の float32 の数',
  positive: '0 より大きい float32 の数',
  date: '2024-07-26 の形の日付',
  'verdict-tokens': '重複のない 64 個以下のトークン',
};

/** Tells what a schema expected of a value and found. */
export function problemText(of: {
  expected: string | null;
  received: string;
  rule: string;
}): string {
  return `${RULES[of.rule] ?? of.expected ?? of.rule} でなければなりませんが、${of.received} です`;
}

const saveWithCommas = (separator: 'tabs' | 'semicolons') =>
  `列が${separator === 'tabs' ? 'タブ' : 'セミコロン'}で区切られているようです。コンマ区切りで保存してください。`;
const notCsv = (why: string) => `CSV ファイルではありません。${why}`;

/** Japanese texts of errors, by their ids. */
export const dataErrors: ErrorTextsOf<typeof english> = {
  'cell/broken-json': {
    message: ({ at, expected, found }) =>
      `ターンのリストが ${at} 文字目で壊れています。${expectedText(expected)}があるはずの位置${
        found === null ? 'でセルが終わっています' : `に ${JSON.stringify(found)} があります`
      }。`,
    action: ({ isPython }) =>
      isPython
        ? '一重引用符を読めるのは、テキストモード「faithful」だけです。'
        : 'セルが途中で切れていないか、文字列の JSON リストになっているか確認してください。',
  },
  'cell/broken-json:turn': {
    message: ({ at, turn, kind }) =>
      `リストの ${turn} 番目のターン（${at} 文字目）が${KINDS[kind]}です。引用符で囲んだ文字列か null でなければなりません。`,
    action: 'どのターンも、引用符で囲んだ文字列として書いてください。',
  },
  'csv/utf16-too-large': {
    message: ({ size, most }) =>
      `ファイルは UTF-16 で ${size} バイトあります。UTF-16 のファイルは ${most} バイトまで読めます。`,
    action: 'ファイルを UTF-8 で保存してください。',
  },
  'csv/bad-probability': {
    message: ({ p }) => `${p} は確率ではありません。`,
    action: 'その行を採点し直してください。',
  },
  'csv/empty': {
    message: 'ファイルが空です。',
    action: 'ヘッダーと行のある CSV ファイルを選んでください。',
  },
  'csv/missing-column': {
    message: ({ missing, found }) =>
      `列がありません：${missing.join(', ')}。見つかった列：${found}。`,
    action: ({ separator }) =>
      separator === null
        ? '1 行目に prompt, response_a, response_b の列名が必要です。順番は自由です。'
        : saveWithCommas(separator),
  },
  'csv/duplicate-column': {
    message: ({ names }) => `ヘッダーに同じ列名が複数あります：${names.join(', ')}。`,
    action: '余分な列を削除するか、名前を変えてください。',
  },
  'csv/not-csv:long-line': {
    message: ({ most }) => notCsv(`1 行目が ${most} バイトを超えています。`),
    action: CHOOSE_CSV,
  },
  'csv/not-csv:no-comma': {
    message: notCsv('1 行目にコンマがありません。'),
    action: ({ separator }) => (separator === null ? CHOOSE_CSV : saveWithCommas(separator)),
  },
  'csv/not-csv:markup': {
    message: ({ format }) => notCsv(`${format === 'json' ? 'JSON' : 'HTML か XML'} のようです。`),
    action: CHOOSE_CSV,
  },
  'csv/not-csv:archive': {
    message: ({ format }) => notCsv(`${ARCHIVES[format]}です。`),
    action: '展開して、中の CSV ファイルを選んでください。',
  },
  'csv/not-csv:format': {
    message: ({ format }) => notCsv(`${FORMATS[format]}です。`),
    action: CHOOSE_CSV,
  },
  'csv/not-csv:binary': {
    message: ({ controls }) => notCsv(`先頭に制御文字が ${controls} 個あるバイナリファイルです。`),
    action: CHOOSE_CSV,
  },
  'csv/header-only': {
    message: 'ヘッダーだけで、行がありません。',
    action: '行のあるファイルを選んでください。',
  },
  'csv/row-too-long': {
    message: ({ row, byte }) =>
      `${byte} バイト目から始まる ${row} 行目が長すぎます。閉じる引用符が抜けている可能性があります。`,
    action: 'この行の引用符を閉じてください。セルの中の引用符は "" と 2 つ重ねて書きます。',
  },
  'csv/unclosed-quote': {
    message: '引用符で囲まれたセルの途中でファイルが終わっています。',
    action: 'ファイルが途中で切れている可能性があります。取得し直してください。',
  },
  'csv/malformed-quotes': {
    message: '閉じる引用符の後にもセルが続いています。行がつながっている可能性があります。',
    action: 'セルの中の引用符は "" と 2 つ重ねて書いてください。',
  },
  'csv/too-few-fields': {
    message: ({ fields, expected }) =>
      `行が途中で終わっています。ヘッダーの ${expected} 列に対して ${fields} 列しかありません。`,
    action:
      'ファイルが途中で切れているか、引用符の外に改行がある可能性があります。取得し直してください。',
  },
  'csv/too-many-fields': {
    message: ({ fields, expected }) =>
      `行が長すぎます。ヘッダーの ${expected} 列に対して ${fields} 列あります。`,
    action: 'コンマを含むセルは引用符で囲んでください。',
  },
  'csv/nul-byte': {
    message: 'セルに NUL バイトがあります。',
    action: '取り除いてください。ファイルが壊れている場合は取得し直してください。',
  },
  'csv/invalid-utf8': {
    message: 'セルが正しい UTF-8 ではありません。',
    action: 'ファイルを UTF-8 で保存してください。',
  },
  'csv/bad-probability:count': {
    message: ({ row, id, length }) =>
      `${row} 行目（id ${id}）の確率は 3 つでなければなりませんが、${length} 個あります。`,
    action: 'その行を採点し直してください。',
  },
  'labels/missing-column': {
    message: ({ missing }) => `ラベルの列がありません：${missing.join(', ')}。`,
    action:
      'コンペティションの train.csv と同じ列を持つファイルか、JSON Lines 形式の組を選んでください。',
  },
  'labels/duplicate-column': {
    message: ({ names }) => `ヘッダーに同じ列名が複数あります：${names.join(', ')}。`,
    action: '余分な列を削除するか、名前を変えてください。',
  },
  'labels/not-one-hot': {
    message: ({ columns, marks }) =>
      `${columns} の値が ${marks} です。1 つだけが 1 で、残りは 0 でなければなりません。`,
    action: 'その行を直すか、削除してください。',
  },
  'labels/no-field': {
    message: ({ field }) => `この行には、行の選択に使う ${field} がありません。`,
    action: ({ field }) => `そのオプションを外すか、行に ${field} を追加してください。`,
  },
  'labels/damaged-gzip': {
    message: ({ reason }) => `ファイルを展開できません（${reason}）。`,
    action: 'ファイルを取得し直してください。',
  },
  'labels/unknown-label': {
    message: ({ label, known }) => `ラベル ${label} は ${known} のいずれでもありません。`,
    action: 'ラベルを直すか、その行を削除してください。',
  },
  'labels/bad-pair': {
    message: ({ field, ...problem }) =>
      `${field === null ? '行' : `フィールド ${field} `}が正しくありません。${problemText(problem)}。`,
    action: 'その行を直すか、削除してください。',
  },
  'labels/bad-line:utf8': {
    message: '行が正しい UTF-8 ではありません。',
    action: 'ファイルを UTF-8 で保存してください。',
  },
  'labels/bad-line:json': {
    message: ({ reason }) => `行が JSON ではありません（${reason}）。`,
    action: '1 行に 1 つの JSON オブジェクトを書いてください。',
  },
  'json/not-json': {
    message: ({ file, reason }) => `${file} は JSON として読めません（${reason}）。`,
    action: FETCH_AGAIN,
  },
  'json/field': {
    message: ({ file, field, ...problem }) =>
      `${file} の${field === null ? '最上位の値' : `項目「${field}」`}が正しくありません。${problemText(problem)}。`,
    action: 'ファイルを直すか、取得し直してください。',
  },
};
