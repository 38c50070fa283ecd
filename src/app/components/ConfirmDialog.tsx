import type { ReactNode } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

/** Asks before something is lost. */
export function ConfirmDialog(props: {
  heading: string;
  /** What is lost. */
  children: ReactNode;
  agree: string;
  decline: string;
  isOpen: boolean;
  onClose: (agreed: boolean) => void;
}) {
  const { heading, children, agree, decline, isOpen, onClose } = props;
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose(false);
      }}
    >
      <Modal className="modal modal-small">
        <Dialog className="dialog" role="alertdialog">
          <Heading slot="title" className="dialog-title">
            {heading}
          </Heading>
          <p>{children}</p>
          <div className="buttons buttons-end">
            <Button className="button" onPress={() => onClose(false)}>
              {decline}
            </Button>
            <Button className="button button-primary" onPress={() => onClose(true)}>
              {agree}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
