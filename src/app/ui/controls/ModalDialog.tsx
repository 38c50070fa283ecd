import type { ReactNode } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';

/** The state and content of a dialog. */
export interface PageDialogProps {
  isOpen: boolean;
  /** Called on Escape, and on a press beside the dialog. */
  onClose: () => void;
  isSmall?: boolean;
  role?: 'dialog' | 'alertdialog';
  /** Its title is a `Heading` with the slot `title`. */
  children: ReactNode;
}

/** The dialog itself; see `PageDialog`. */
export default function ModalDialog(props: PageDialogProps) {
  const { isOpen, onClose, isSmall = false, role, children } = props;
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={isSmall ? 'modal modal-small' : 'modal'}>
        <Dialog className="dialog" role={role}>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
