import type { storageErrors as english } from '../../en/errors/storage.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { count } from '../format.ts';
import { FETCH_AGAIN, TRY_LATER } from './actions.ts';

const CHECK_FOLDER = 'フォルダーとそのアクセス権を確認してください。';
const CHECK_PATH = 'パスとアクセス権を確認してください。';
const CHOOSE_AGAIN = 'ファイルを選び直してください。';
const CLOSE_TABS = 'このページを開いているほかのタブを閉じて、もう一度お試しください。';
const START_OVER = 'もう一度お試しください。繰り返し起こる場合は、最初からやり直してください。';
const ENTER_ADDRESS =
  'Hugging Face のリポジトリを owner/name か owner/name@revision の形で入力するか、https:// で始まるフォルダーのアドレスを入力してください。';

const fileOr = (path: string | null) => path ?? 'このページのファイル';

/** Japanese texts of errors, by their ids. */
export const storageErrors: ErrorTextsOf<typeof english> = {
  'storage/write:file': {
    message: ({ path, reason }) => `${path} に書き込めません（${reason}）。`,
    action: CHECK_FOLDER,
  },
  'storage/open:read': {
    message: ({ reason }) => `ファイルを読めません（${reason}）。`,
    action: CHECK_PATH,
  },
  'storage/full:package': {
    message: ({ bytes, missing, free }) =>
      `パッケージは ${count(bytes)} バイトで、残り ${count(missing)} バイトを書き込む必要がありますが、ディスクの空きは ${count(free)} バイトです。`,
    action: 'ディスクの空きを増やすか、--out で別のディスクを指定してください。',
  },
  'storage/range:row': {
    message: ({ start }) => `${start} バイト目に行がありません。`,
    action: '読み込んだ後にファイルが変わっています。ファイルを選び直してください。',
  },
  'storage/exists': {
    message: ({ folder, name }) => `${folder} にはすでに ${name} があります。`,
    action: '空のフォルダーを選んでください。',
  },
  'storage/full:model': {
    message: ({ needed, room }) =>
      `モデルには ${needed} 必要ですが、このページがあと保存できるのは ${room} です。`,
    action:
      'ディスクの空きを増やすか、不要なモデルを削除するか、埋め込みをより小さくしてください。',
  },
  'storage/write:delete-run': {
    message: ({ reason }) => `この実行を削除できません（${reason}）。`,
    action: CLOSE_TABS,
  },
  'storage/changed:after': {
    message: 'ファイルが、読み込んだ後に変わりました。',
    action: 'ファイルを選び直してください。採点済みの行は引き続きダウンロードできます。',
  },
  'storage/range': {
    message: ({ start, end, size }) =>
      `${size} バイトのファイルの範囲外（${start} ～ ${end} バイト目）を読もうとしました。`,
    action: FETCH_AGAIN,
  },
  'storage/changed': {
    message: ({ name }) => `${name} が、読み込んでいる間に変わったか、読めなくなりました。`,
    action: 'ファイルを選び直してください。それまで、採点済みの行は残っています。',
  },
  'storage/changed:shorter': {
    message: ({ name }) => `${name} が、選んだときより短くなっています。`,
    action: CHOOSE_AGAIN,
  },
  'storage/permission': {
    message: ({ label }) => `このページには、${label} を読む許可がもうありません。`,
    action: 'フォルダーを選び直し、このページに読み取りを許可してください。',
  },
  'storage/read': {
    message: ({ path, reason }) => `${path} を読めません（${reason}）。`,
    action: 'ファイルまたはフォルダーを選び直してください。',
  },
  'storage/full': {
    message: 'このページがブラウザーに保存できる空きがありません。',
    action:
      'ディスクの空きを増やすか、不要なモデルや保存した実行を削除してください。その後、中断したところから続けられます。',
  },
  'storage/write:other-tab': {
    message: ({ path }) => `${fileOr(path)} は、別のタブで書き込み中です。`,
    action: '終わるのを待つか、そのタブを閉じてください。',
  },
  'storage/write:browser': {
    message: ({ path, reason }) => `${fileOr(path)} に書き込めません（${reason}）。`,
    action: CLOSE_TABS,
  },
  'storage/unreachable': {
    message: ({ host, given }) => `${host} に接続できないため、${given} を読み込めません。`,
    action:
      '接続と、ホストがこのページからのリクエスト（CORS）を許可しているかを確認してください。',
  },
  'storage/network:status': {
    message: ({ path, status, statusText }) =>
      `${path} に対して、サーバーが ${status} ${statusText} と応答しました。`,
    action: TRY_LATER,
  },
  'storage/network:length-sent': {
    message: ({ path, sent, due }) =>
      `${path} の ${due} バイトを求めたところ、サーバーから${sent === null ? 'それより多くのデータ' : ` ${sent} バイト`}が届きました。`,
    action: TRY_LATER,
  },
  'storage/network:range': {
    message: ({ path, sent, asked }) =>
      `${path} の ${asked.start} ～ ${asked.end} バイト目を求めたところ、サーバーから ${sent.start} ～ ${sent.end} バイト目が届きました。`,
    action: TRY_LATER,
  },
  'storage/network:broken': {
    message: ({ path }) => `${path} を読み込んでいる間に接続が切れました。`,
    action: '接続を確認し、もう一度お試しください。',
  },
  'storage/network:hidden-length': {
    message: ({ path }) => `サーバーが ${path} の長さを公開していません。`,
    action: '別のホストを使うか、フォルダーをダウンロードして選んでください。',
  },
  'storage/network:length': {
    message: ({ path, length }) =>
      `サーバーから、${path} の長さが ${length} バイトだという応答がありました。`,
    action: TRY_LATER,
  },
  'storage/denied': {
    message: ({ host, path, status, hub, token }) =>
      `${host} が${token ? 'このトークンでの' : ''} ${path} の読み取りを許可していません（ステータス ${status}）。${hub ? 'モデルが存在しない可能性もあります。' : ''}`,
    action: ({ hub }) =>
      hub
        ? 'モデルのページでライセンスに同意し、そのアカウントのアクセストークンを入力してください。'
        : 'このホストのアクセストークンを入力してください。',
  },
  'storage/changed:gone': {
    message: ({ name, start, end }) =>
      `${name} が変わりました。サーバーに ${start} ～ ${end} バイト目がもうありません。`,
    action: START_OVER,
  },
  'storage/changed:replaced': {
    message: ({ name }) =>
      `${name} が変わりました。読み込んでいる間に、サーバーで別のファイルに置き換えられました。`,
    action: START_OVER,
  },
  'storage/changed:size': {
    message: ({ name, size }) =>
      `${name} が変わりました。サーバーから届いたファイルは ${size} バイトではありません。`,
    action: START_OVER,
  },
  'storage/no-ranges': {
    message: ({ path }) =>
      `サーバーが ${path} を部分的に送れません。全体ではメモリーに収まりません。`,
    action: '範囲リクエストに対応したホストを使うか、フォルダーをダウンロードして選んでください。',
  },
  'storage/token:characters': {
    message: 'アクセストークンに使えない文字が含まれています。',
    action: 'トークンをコピーし直してください。',
  },
  'storage/token:unencrypted': {
    message: ({ host }) => `${host} へは暗号化されずに送られるため、トークンを送信しません。`,
    action: 'https:// で始まるアドレスを使うか、トークンを空にしてください。',
  },
  'storage/address:form': {
    message: ({ given }) => `「${given}」は、owner/name でも http(s) のアドレスでもありません。`,
    action: ENTER_ADDRESS,
  },
  'storage/address:password': {
    message: 'アドレスにパスワードが含まれています。このままでは保存されてしまいます。',
    action:
      'ユーザー名とパスワードを除いたアドレスか、owner/name の形のリポジトリを入力してください。アクセストークンは専用の欄に入力します。',
  },
  'storage/address:query': {
    message: '「?」を含むアドレスは、フォルダーのアドレスではありません。',
    action: ENTER_ADDRESS,
  },
  'storage/address:not-model': {
    message: ({ url }) => `${url} は Hugging Face のモデルではありません。`,
    action: ENTER_ADDRESS,
  },
  'storage/address:not-page': {
    message: ({ url }) => `${url} は、モデルのページでもそのファイルのページでもありません。`,
    action: ENTER_ADDRESS,
  },
  'storage/lfs-pointer': {
    message: ({ file }) => `${file} は Git LFS のポインターで、ファイル本体ではありません。`,
    action:
      'フォルダーで git lfs pull を実行するか、モデルのページから本体をダウンロードして、フォルダーを選び直してください。',
  },
  'storage/open': {
    message: ({ path, reason }) => `${path} を開けません（${reason}）。`,
    action: CHECK_PATH,
  },
  'storage/changed:disk': {
    message: ({ name }) => `${name} が、読み込んでいる間に変わりました。`,
    action: '新しいファイルで、もう一度開始してください。',
  },
  'storage/full:disk': {
    message: ({ path }) => `ディスクに空きがないため、${path} に書き込めません。`,
    action: 'ディスクの空きを増やして、もう一度開始してください。中断したところから続きます。',
  },
  'storage/write': {
    message: ({ path, reason }) => `${path} への書き込みに失敗しました（${reason}）。`,
    action: CHECK_FOLDER,
  },
  'storage/path': {
    message: ({ path }) => `「${path}」はフォルダー内のパスではありません。`,
    action: 'パッケージを取得し直すか、別のパッケージを使ってください。',
  },
  'storage/missing': {
    message: ({ label, path }) => `${label} にファイル ${path} がありません。`,
    action: 'フォルダーの中身がそろっているか確認してください。',
  },
  'storage/insecure': {
    message: 'ブラウザーがファイルを保存するのは、https か localhost で開いたページだけです。',
    action: 'https か localhost でこのページを開いてください。',
  },
  'storage/full:folder': {
    message: ({ folder }) => `${folder} のあるディスクに空きがありません。`,
    action: 'ディスクの空きを増やすか、別のディスクを選んでください。',
  },
  'storage/permission:write': {
    message: ({ folder }) => `このページには、${folder} への書き込みが許可されていません。`,
    action: '書き込みを許可するか、別のフォルダーを選んでください。',
  },
  'storage/write:folder': {
    message: ({ folder, reason }) => `${folder} に書き込めません（${reason}）。`,
    action: '別のフォルダーを選んでください。',
  },
};
