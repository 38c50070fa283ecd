import type { Difference, runErrors as english, RunValue } from '../../en/errors/run.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { placeIn } from '../../place.ts';
import { model, place as places } from '../model.ts';
import { RELOAD } from './actions.ts';
import { executorText } from './engine.ts';

const CHOOSE_FILE = '先に CSV ファイルを選んでください。';
const START_RUN = '先に採点を開始してください。';

const RUN_FACTS: Record<Difference['what'], string> = {
  file: 'ファイル',
  model: 'モデル',
  adapter: 'アダプター',
  textMode: 'テキストモード',
  maxLength: 'max_length',
  truncation: '切り詰め方',
  spread: 'spread_max_length',
  tta: '両方の順序（TTA）',
  reading: '計算方法',
  device: 'デバイス',
  executor: '実行エンジン',
  without: '使わない省略計算',
  precision: '精度',
  softCap: 'ソフトキャップ',
  padding: 'パディング',
  scoreBytes: 'アテンションスコアのバイト数',
  headGroups: 'ヘッドのグループ',
  largestBuffer: '最大のバッファー',
};

function valueText(value: RunValue): string {
  if (value === null) return 'なし';
  if (typeof value === 'boolean') return value ? 'オン' : 'オフ';
  if (typeof value !== 'object') return String(value);
  if ('adapters' in value) {
    const [only = null] = value.adapters;
    if (value.adapters.length < 2) return only ?? 'なし';
    return model.meanOf(value.adapters.map((name) => name ?? model.base));
  }
  if ('place' in value) return placeIn(value.place, places);
  if ('executor' in value) return executorText(value);
  if ('numbers' in value) {
    return `バージョン ${value.numbers}、${value.rows} 行、テキスト ${value.sequences} 件`;
  }
  const { name, bytes, sha256 } = value;
  const size = bytes === undefined ? '' : `${bytes} バイト、`;
  return `${name}（${size}sha256 ${sha256.slice(0, 8)}…）`;
}

function differencesText(found: readonly Difference[]): string {
  return found
    .map(
      ({ what, was, is }) =>
        `${RUN_FACTS[what]}：開始時は ${valueText(was)}、現在は ${valueText(is)}`,
    )
    .join('／');
}

/** Japanese texts of errors, by their ids. */
export const runErrors: ErrorTextsOf<typeof english> = {
  'internal/unexpected': {
    message: ({ reason }) => `予期しないエラーが起きました（${reason}）。`,
    action: `${RELOAD}保存された実行は残っています。`,
  },
  'run/cancelled': { message: '中止しました。' },
  'journal/differs:batches': {
    message: ({ maxTokens }) => `この実行は、${maxTokens} トークンずつのバッチで開始されました。`,
    action: 'バッチの大きさを開始時と同じにするか、最初からやり直してください。',
  },
  'journal/busy:command': {
    message: ({ pid, host }) =>
      `別のコマンドが同じ出力先に書き込んでいます（${host === null ? '' : `${host} の`}プロセス ${pid}）。`,
    action: ({ host, lock }) =>
      host === null
        ? '終わるのを待つか、別の --out を指定してください。'
        : `終わるのを待つか、別の --out を指定してください。すでに終了している場合は ${lock} を削除してください。`,
  },
  'journal/differs': {
    message: ({ differences }) =>
      `開始時と条件が異なるため、この実行は続けられません（${differencesText(differences)}）。`,
    action: '開始時と同じものを選ぶか、最初からやり直してください。',
  },
  'journal/engine': {
    message: ({ differences }) =>
      `この実行は別の方法で計算されていました（${differencesText(differences)}）。`,
    action: '続けることはできますが、残りの行は末尾の桁が変わる場合があります。',
  },
  'journal/version': {
    message: 'この実行は、より新しいバージョンのアプリで開始されました。',
    action: 'ページを再読み込みするか、この実行を削除してください。',
  },
  'journal/damaged': {
    message: '保存された実行の記録を読めません。',
    action: '削除して、最初からやり直してください。',
  },
  'journal/busy': {
    message: 'この実行は進行中です。別のタブで動いている可能性があります。',
    action: 'そちらで終わるのを待つか、中止してください。',
  },
  'journal/unavailable': {
    message: 'このブラウザーでは、このページのファイルを保存できません。',
    action: '実行はできますが、タブを閉じると続きから再開できません。',
  },
  'run/not-ready:model': {
    message: 'モデルがまだ読み込まれていません。',
    action: '先にモデルを選んでください。',
  },
  'run/not-ready:file': { message: 'ファイルがまだありません。', action: CHOOSE_FILE },
  'run/not-ready:row': { message: 'その行はまだありません。', action: CHOOSE_FILE },
  'run/not-ready:reading': {
    message: 'ファイルを読み込んでいます。',
    action: '読み込みが終わるのを待ってください。',
  },
  'run/not-ready:run': { message: '実行がまだありません。', action: START_RUN },
  'run/not-ready:result': { message: '結果がまだありません。', action: START_RUN },
};
