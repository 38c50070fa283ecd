import './page.css';
import { strings } from '../i18n/strings.ts';
import { DiscardUnsaved } from '../runs/DiscardUnsaved.tsx';
import { FailedPartContext } from '../ui/lazy/PartBoundary.tsx';
import { Footer } from './Footer.tsx';
import { InsecureNote } from './InsecureNote.tsx';
import { PartFailed } from './PartFailed.tsx';
import { Screens } from './Screens.tsx';
import { StrayDrop } from './StrayDrop.tsx';

/** The page. */
export function App() {
  return (
    <>
      <header className="page-header">
        <h1>
          <Logo />
          {strings.name}
        </h1>
        <p className="tagline">{strings.tagline}</p>
        <p className="private">
          <Lock />
          {strings.private}
        </p>
      </header>
      <main>
        <FailedPartContext value={PartFailed}>
          <InsecureNote />
          <Screens />
          <DiscardUnsaved />
          <StrayDrop />
        </FailedPartContext>
      </main>
      <Footer />
    </>
  );
}

function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect className="logo-ground" width="32" height="32" rx="7" />
      <rect className="logo-a" x="7" y="7" width="5" height="18" rx="2" />
      <rect className="logo-b" x="20" y="7" width="5" height="18" rx="2" />
      <rect className="logo-tie" x="14.5" y="11" width="3" height="3" rx="1.2" />
      <rect className="logo-tie" x="14.5" y="18" width="3" height="3" rx="1.2" />
    </svg>
  );
}

function Lock() {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3.5 7h9v6.5h-9z" />
    </svg>
  );
}
