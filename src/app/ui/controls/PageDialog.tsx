import { useState } from 'react';
import { LazyBody } from '../lazy/LazyBody.tsx';
import { LazyPart } from '../lazy/lazy-part.ts';
import type { PageDialogProps } from './ModalDialog.tsx';

const MODAL = new LazyPart(() => import('./ModalDialog.tsx'));

/** A modal dialog. Its script loads when the first one opens, if not before. */
export function PageDialog(props: PageDialogProps) {
  const [wasOpen, setWasOpen] = useState(props.isOpen);
  if (props.isOpen && !wasOpen) setWasOpen(true);
  return wasOpen ? <LazyBody part={MODAL} props={props} fallback={null} /> : null;
}
