import type { packagesErrors as english } from '../../en/errors/packages.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { PACKAGE_AGAIN, RELOAD } from './actions.ts';

const TELL_PUBLISHER = 'パッケージの公開元に知らせるか、別のパッケージを使ってください。';
const BUILD_AGAIN = 'npm run build-model でパッケージを作り直してください。';

type FilesOf = Parameters<(typeof english)['package/damaged:found']['message']>[0]['files'];

function damageText({ path, size, ranges }: FilesOf[number]): string {
  if (size === null) return `${path} がありません`;
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) return `${path} が長すぎます`;
  return `${path} の ${ranges.length} か所（${first[0]} ～ ${last[1] - 1} バイト目）`;
}

/** Japanese texts of errors, by their ids. */
export const packagesErrors: ErrorTextsOf<typeof english> = {
  'package/adapter-name': {
    message: ({ name, isTaken }) =>
      isTaken
        ? `${name} という名前のアダプターが 2 つあります。`
        : `「${name}」はアダプターの名前に使えません。`,
    action: '英数字、_、.、- だけの、重複しない名前にしてください。',
  },
  'package/tensor:missing': {
    message: ({ label, name }) => `${label} にテンソル ${name} がありません。`,
    action: BUILD_AGAIN,
  },
  'package/tensor:order': {
    message: ({ label, name }) =>
      `${label} のテンソル ${name} に、各入力特徴量の番号が 1 回ずつ入っていません。`,
    action: BUILD_AGAIN,
  },
  'package/tensor': {
    message: ({ label, name, dtype, shape, expected, expectedShape }) =>
      `${label} のテンソル ${name} は ${dtype} [${shape.join(', ')}] ですが、${expected} [${expectedShape.join(', ')}] でなければなりません。`,
    action: BUILD_AGAIN,
  },
  'package/adapter': {
    message: ({ model, name, known }) =>
      `${model} にアダプター「${name}」はありません。${known.length === 0 ? 'アダプターは 1 つもありません。' : `あるアダプター：${known.join(', ')}。`}`,
    action: 'その中から選ぶか、ベースモデルだけを使う場合は「none」を選んでください。',
  },
  'package/damaged:size': {
    message: ({ path, size, bytes }) =>
      `パッケージのファイル ${path} が壊れています。マニフェストでは ${bytes} バイトですが、${size} バイトです。`,
    action: PACKAGE_AGAIN,
  },
  'package/damaged:hash': {
    message: ({ path }) =>
      `パッケージのファイル ${path} が壊れています。sha256 がマニフェストと一致しません。`,
    action: PACKAGE_AGAIN,
  },
  'package/damaged:unlisted': {
    message: ({ path }) =>
      `パッケージが壊れています。マニフェストに ${path} が記載されていません。`,
    action: PACKAGE_AGAIN,
  },
  'package/damaged:arrived': {
    message: ({ path }) => `届いた ${path} の内容が、パッケージのマニフェストと一致しません。`,
    action: 'もう一度お試しください。繰り返し起こる場合は、パッケージの公開元に知らせてください。',
  },
  'package/damaged:host': {
    message: ({ path }) =>
      `パッケージのファイル ${path} が壊れています。ホストから届く内容がマニフェストと一致しません。`,
    action:
      'ホストのパッケージが壊れているか、更新中です。しばらくしてから、もう一度お試しください。',
  },
  'packages/worker-died': {
    message: ({ reason }) =>
      `モデルを保存する処理が停止しました（${reason?.replace(/\.$/, '') ?? 'スクリプトを読み込めませんでした'}）。`,
    action: `もう一度お試しください。中断したところから続きます。それでも失敗する場合は、${RELOAD}`,
  },
  'package/manifest:files': {
    message: ({ files }) => `tiebreak.json に ${files} 個ものファイルが記載されています。`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:twice': {
    message: ({ path }) =>
      `tiebreak.json に ${path} が 2 回記載されています（大文字と小文字を区別しないディスクでは同じファイルです）。`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:folder': {
    message: ({ path }) =>
      `tiebreak.json に ${path} がファイルとしてもフォルダーとしても記載されています。`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:lacks': {
    message: ({ path }) => `tiebreak.json に ${path} が記載されていません。`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:chat': {
    message: 'tiebreak.json には、テンプレート「chat」とフィールド chat の一方しかありません。',
    action: TELL_PUBLISHER,
  },
  'package/manifest:total': {
    message: ({ bytes }) =>
      `tiebreak.json に記載されたファイルの合計が ${bytes} バイトになっています。`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:outside': {
    message: ({ path }) =>
      `tiebreak.json に記載された「${path}」は、フォルダー内のパスではありません。`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:long': {
    message: ({ length, most }) =>
      `tiebreak.json に ${length} 文字のパスのファイルが記載されています。パスは ${most} 文字までです。`,
    action: TELL_PUBLISHER,
  },
  'package/manifest:own': {
    message: ({ path }) => `tiebreak.json に記載された ${path} は、Tiebreak 自身が使う名前です。`,
    action: TELL_PUBLISHER,
  },
  'package/damaged:found': {
    message: ({ files, more }) =>
      `壊れているもの：${[...files.map(damageText), ...(more > 0 ? [`ほか ${more} 件`] : [])].join('、')}。`,
    action: ({ canRepair }) =>
      canRepair
        ? 'モデルを修復してください。取得し直すのは、壊れている部分だけです。'
        : 'モデルを削除して、もう一度取り込んでください。',
  },
  'package/manifest:two': {
    message: ({ label }) => `${label} から、内容の異なる 2 つの tiebreak.json が届きました。`,
    action: '途中で壊れたか、ホストで更新中です。もう一度お試しください。',
  },
  'package/manifest:size': {
    message: ({ size }) => `tiebreak.json の大きさが ${size} バイトです。`,
    action: 'パッケージのマニフェストではありません。アドレスを確認してください。',
  },
  'package/differs': {
    message: ({ path, size, bytes }) =>
      `ホストにある ${path} は ${size} バイトですが、パッケージのマニフェストでは ${bytes} バイトです。`,
    action: 'ホストのパッケージが不完全か、更新中です。しばらくしてから、もう一度お試しください。',
  },
  'package/changed': {
    message: ({ path }) =>
      `ホストにあるモデルは、別のバージョンに変わっています。${path} についての tiebreak.json の記載が異なります。`,
    action: 'モデルを削除して、ダウンロードし直してください。',
  },
  'packages/unavailable': {
    message: 'このブラウザーは、このページのファイルを保存しません。',
    action:
      'プライベートブラウズをやめて通常のウィンドウを使うか、npm run build-model でパッケージを作ってください。',
  },
  'packages/unknown': {
    message: 'そのモデルはもうありません。',
    action: '別のモデルを選んでください。',
  },
  'packages/busy': {
    message: ({ mode }) =>
      mode === 'shared'
        ? 'このモデルは書き込み中か削除中です。別のタブで行われている可能性があります。'
        : 'このモデルは使用中です。別のタブで使われている可能性があります。',
    action: ({ mode }) =>
      mode === 'shared'
        ? '終わるのを待ってください。'
        : 'モデルを使っているほかのタブを閉じるか、そのタブで別のモデルを選んでください。',
  },
  'packages/imported': {
    message: ({ name }) =>
      `${name} はこのブラウザーで取り込んで作ったモデルなので、修復に使える元のファイルがありません。`,
    action: '削除して、もう一度取り込んでください。',
  },
  'packages/importing': {
    message: '別の取り込みかダウンロードが進行中です。',
    action: '終わるのを待つか、中止してください。',
  },
  'packages/complete': {
    message: ({ name }) => `${name} はすでに完成しています。`,
    action: '別の名前で取り込んでください。',
  },
  'packages/partial': {
    message: 'このモデルの取り込みは終わっていません。',
    action: '取り込みを続けるか、削除してください。',
  },
  'packages/busy:delete': {
    message: ({ reason }) => `このモデルを削除できません（${reason}）。`,
    action: 'モデルを使っているほかのタブを閉じてください。',
  },
};
