import type { ReactNode } from 'react';
import { Button, Heading } from 'react-aria-components';
import { PageDialog } from './PageDialog.tsx';

/** Asks before something is lost. */
export function ConfirmDialog(props: {
  heading: string;
  /** The loss, and further choices. */
  children: ReactNode;
  agree: string;
  decline: string;
  /** True if the action deletes something for good. */
  isDanger?: boolean;
  isOpen: boolean;
  onClose: (agreed: boolean) => void;
}) {
  const { heading, children, agree, decline, isDanger = false, isOpen, onClose } = props;
  return (
    <PageDialog isOpen={isOpen} onClose={() => onClose(false)} isSmall role="alertdialog">
      <Heading slot="title" className="dialog-title">
        {heading}
      </Heading>
      <div className="dialog-text">{children}</div>
      <div className="buttons buttons-end">
        <Button className="button" onPress={() => onClose(false)}>
          {decline}
        </Button>
        <Button
          className={isDanger ? 'button button-danger' : 'button button-primary'}
          onPress={() => onClose(true)}
        >
          {agree}
        </Button>
      </div>
    </PageDialog>
  );
}
