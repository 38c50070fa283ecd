import './explorer.css';
import { useEffect, useRef } from 'react';
import { language } from '../i18n/language.ts';
import { useStore } from '../page/context.ts';
import { useClient } from '../state/context.ts';
import { useMedia } from '../ui/layout/use-media.ts';
import { useScreenQuery } from '../ui/navigation/screens.ts';
import { PairCard } from './pair/PairCard.tsx';
import { ShareCard } from './pair/ShareCard.tsx';
import { TokensCard } from './pair/TokensCard.tsx';
import { AdaptersCard } from './result/AdaptersCard.tsx';
import { MiniResult } from './result/MiniResult.tsx';
import { ResultCard } from './result/ResultCard.tsx';
import { ExplorerContext } from './state/explorer-context.ts';
import { explorerStoreOf } from './state/explorer-store.ts';
import { showRow } from './state/show-row.ts';
import { words } from './text/strings.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { HistoryCard } from './what-if/HistoryCard.tsx';
import { TriesCard } from './what-if/TriesCard.tsx';
import { WhyCard } from './what-if/WhyCard.tsx';

/** The screen that scores and explains a single pair. */
export default function ExplorerScreen() {
  const app = useStore();
  const store = explorerStoreOf(useClient(), app);
  const screen = useRef<HTMLDivElement>(null);
  useKeptFocus(screen, store);
  const query = useScreenQuery();
  const isNarrow = useMedia('(max-width: 980px)');
  useEffect(() => store.open(), [store]);
  useEffect(() => void store.openQuery(query), [store, query]);

  useEffect(() => {
    function step(event: KeyboardEvent) {
      const by = { PageDown: 1, PageUp: -1 }[event.key];
      if (by === undefined || !event.altKey) return;
      event.preventDefault();
      const row = store.rowFromHere(by);
      if (row !== null) showRow(store, row);
    }
    document.addEventListener('keydown', step);
    return () => document.removeEventListener('keydown', step);
  }, [store]);

  return (
    <ExplorerContext value={store}>
      <div className="explorer" ref={screen} lang={language}>
        <h2 className="hidden">{words.heading}</h2>
        <p className="explorer-intro help">{words.intro}</p>
        {isNarrow ? (
          <div className="explorer-main">
            <PairCard />
            <ResultCard />
            <TriesCard />
            <WhyCard />
            <TokensCard />
            <HistoryCard />
            <AdaptersCard />
            <ShareCard />
            <MiniResult />
          </div>
        ) : (
          <>
            <div className="explorer-main">
              <PairCard />
              <WhyCard />
              <TokensCard />
              <HistoryCard />
            </div>
            <div className="explorer-side">
              <ResultCard />
              <TriesCard />
              <AdaptersCard />
              <ShareCard />
            </div>
          </>
        )}
      </div>
    </ExplorerContext>
  );
}
