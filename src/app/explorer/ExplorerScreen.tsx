import './explorer.css';
import { useEffect, useRef } from 'react';
import { language } from '../i18n/language.ts';
import { useStore } from '../page/context.ts';
import { useClient } from '../state/context.ts';
import { useScreenQuery } from '../ui/screens.ts';
import { useMedia } from '../ui/use-media.ts';
import { AdaptersCard } from './AdaptersCard.tsx';
import { ExplorerContext } from './explorer-context.ts';
import { explorerStoreOf } from './explorer-store.ts';
import { HistoryCard } from './HistoryCard.tsx';
import { MiniResult } from './MiniResult.tsx';
import { PairCard } from './PairCard.tsx';
import { ResultCard } from './ResultCard.tsx';
import { ShareCard } from './ShareCard.tsx';
import { showRow } from './show-row.ts';
import { words } from './strings.ts';
import { TokensCard } from './TokensCard.tsx';
import { TriesCard } from './TriesCard.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { WhyCard } from './WhyCard.tsx';

/** A closer look at one pair. */
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
