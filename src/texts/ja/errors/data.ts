import type { dataErrors as english } from '../../en/errors/data.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { CHOOSE_CSV, FETCH_AGAIN } from './actions.ts';

const CHECK_LIST =
  'セルが途中で切れていないか、文字列の JSON リストになっているか確認してください。その行を除くこともできます。';
const csvBadProbability = {
  message: '確率として正しくない値です。',
  action: 'その行を採点し直してください。',
};
const csvNotCsv = { message: 'CSV ファイルではありません。', action: CHOOSE_CSV };

/** Japanese texts of errors, by their ids. */
export const dataErrors: ErrorTextsOf<typeof english> = {
  'cell/broken-json': {
    message: ({ at }) => `ターンのリストが ${at} 文字目で壊れています。`,
    action: CHECK_LIST,
  },
  'cell/broken-json:turn': {
    message: ({ at, turn }) =>
      `リストの ${turn} 番目のターン（${at} 文字目）が文字列でも null でもありません。`,
    action: CHECK_LIST,
  },
  'csv/utf16-too-large': {
    message: 'この大きさの UTF-16 ファイルは読めません。',
    action: 'ファイルを UTF-8 で保存してください。',
  },
  'csv/bad-probability': csvBadProbability,
  'csv/empty': {
    message: 'ファイルが空です。',
    action: 'ヘッダーと行のある CSV ファイルを選んでください。',
  },
  'csv/missing-column': {
    message: ({ missing, found }) =>
      `列がありません：${missing.join(', ')}。見つかった列：${found}。`,
    action: '1 行目に prompt, response_a, response_b の列名が必要です。順番は自由です。',
  },
  'csv/duplicate-column': {
    message: ({ names }) => `ヘッダーに同じ列名が複数あります：${names.join(', ')}。`,
    action: '余分な列を削除するか、名前を変えてください。',
  },
  'csv/not-csv:long-line': csvNotCsv,
  'csv/not-csv:no-comma': csvNotCsv,
  'csv/not-csv:markup': csvNotCsv,
  'csv/not-csv:archive': csvNotCsv,
  'csv/not-csv:format': csvNotCsv,
  'csv/not-csv:binary': csvNotCsv,
  'csv/header-only': {
    message: 'ヘッダーだけで、行がありません。',
    action: '行のあるファイルを選んでください。',
  },
  'csv/row-too-long': {
    message: '行が長すぎます。閉じる引用符が抜けている可能性があります。',
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
  'csv/bad-probability:count': csvBadProbability,
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
    message: ({ reason }) => `ファイルを展開できません：${reason}`,
    action: 'ファイルを取得し直してください。',
  },
  'labels/unknown-label': {
    message: ({ label, known }) => `ラベル ${label} は ${known} のいずれでもありません。`,
    action: 'ラベルを直すか、その行を削除してください。',
  },
  'labels/bad-pair': {
    message: ({ field, problem }) =>
      `${field === null ? '行' : `フィールド ${field}`}が正しくありません（${problem}）。`,
    action: 'その行を直すか、削除してください。',
  },
  'labels/bad-line': {
    message: ({ problem }) => `行を読めません：${problem}`,
    action: '1 行に 1 つの JSON オブジェクトを書いてください。',
  },
  'json/not-json': {
    message: ({ file }) => `${file} は JSON として読めません。`,
    action: FETCH_AGAIN,
  },
  'json/field': { message: ({ file, path }) => `${file} の項目「${path}」が正しくありません。` },
};
