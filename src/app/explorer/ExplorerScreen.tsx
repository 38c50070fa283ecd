import '../styles/explorer.css';
import { useEffect } from 'react';
import { useClient, useStore } from '../context.ts';
import { ExplorerContext } from './explorer-context.ts';
import { explorerStoreOf } from './explorer-store.ts';
import { PairCard } from './PairCard.tsx';
import { ResultCard } from './ResultCard.tsx';
import { words } from './strings.ts';

/** One pair, seen closely. */
export default function ExplorerScreen() {
  const store = explorerStoreOf(useClient(), useStore());
  useEffect(() => store.open(), [store]);
  return (
    <ExplorerContext value={store}>
      <h2 className="hidden">{words.heading}</h2>
      <p className="explorer-intro help">{words.intro}</p>
      <div className="explorer">
        <div className="explorer-main">
          <PairCard />
        </div>
        <div className="explorer-side">
          <ResultCard />
        </div>
      </div>
    </ExplorerContext>
  );
}
